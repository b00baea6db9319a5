"""Makes the fonts of this folder from their sources: the glyphs that a report needs, under names that no system has.

    uv run --no-project --with fonttools==4.60.1 --with brotli==1.1.0 python report/_brand/fonts/make.py SOURCES

SOURCES holds the files named in FACES (README.md says where each was taken from). A family that a machine has installed
in another version is preferred to one of the same name that a project brings, by Typst as by browsers: hence the names.
TrueType for Typst and for drawing charts and sheets; for pages WOFF2, of the faces and the signs that a page needs: it
carries them, and a browser has others for what they lack.
"""

from __future__ import annotations

import base64
import io
import re
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
# Latin, Greek and Cyrillic, their accents, punctuation, currencies, letter-like signs, arrows, mathematics, shapes.
GLYPHS = (
    (0x20, 0x24F), (0x2B0, 0x52F), (0x1E00, 0x1FFF), (0x2000, 0x20CF), (0x2100, 0x218F), (0x2190, 0x22FF),
    (0x25A0, 0x25FF), (0x2610, 0x2612), (0x2713, 0x2717), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD),
)  # fmt: skip
# Of a page: Latin with its accents, Greek, punctuation, signs and the arrows and operators that prose may hold.
OF_PAGES = (
    (0x20, 0x17F), (0x218, 0x21B), (0x2C6, 0x2DD), (0x370, 0x3FF), (0x2000, 0x20BF), (0x2100, 0x218F),
    (0x2190, 0x21FF), (0x2200, 0x22FF), (0x25A0, 0x25FF), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD),
)  # fmt: skip
NOT_OF_PAGES = ("RapporteurSerif-BoldItalic", "RapporteurSans-Italic", "RapporteurSans-BoldItalic")  # browsers slant
FACES = {  # file here: (source, family, style)
    "RapporteurSerif-Regular": ("LibertinusSerif_400Regular.ttf", "Rapporteur Serif", "Regular"),
    "RapporteurSerif-Italic": ("LibertinusSerif_400Regular_Italic.ttf", "Rapporteur Serif", "Italic"),
    "RapporteurSerif-Bold": ("LibertinusSerif_700Bold.ttf", "Rapporteur Serif", "Bold"),
    "RapporteurSerif-BoldItalic": ("LibertinusSerif_700Bold_Italic.ttf", "Rapporteur Serif", "Bold Italic"),
    "RapporteurSans-Regular": ("LiberationSans-Regular.ttf", "Rapporteur Sans", "Regular"),
    "RapporteurSans-Italic": ("LiberationSans-Italic.ttf", "Rapporteur Sans", "Italic"),
    "RapporteurSans-Bold": ("LiberationSans-Bold.ttf", "Rapporteur Sans", "Bold"),
    "RapporteurSans-BoldItalic": ("LiberationSans-BoldItalic.ttf", "Rapporteur Sans", "Bold Italic"),
    "RapporteurMono-Regular": ("LiberationMono-Regular.ttf", "Rapporteur Mono", "Regular"),
}
MATH = ("libertinus-math-latin-400-normal.woff2", "Rapporteur Math", "Regular")  # pages alone: Typst brings its own
# Of mathematics: letters as MathML sets them are italic, bold, script or double-struck.
SIGNS = (
    (0x20, 0x7E), (0xA0, 0xFF), (0x300, 0x338), (0x370, 0x3FF), (0x2000, 0x20D7), (0x2100, 0x214F), (0x2190, 0x21FF),
    (0x2200, 0x22FF), (0x27E8, 0x27EB), (0x1D400, 0x1D503), (0x1D538, 0x1D56B), (0x1D6A4, 0x1D7CB),
)  # fmt: skip
FAMILY, STYLE, UNIQUE, FULL, POSTSCRIPT = 1, 2, 3, 4, 6
TYPOGRAPHIC = (16, 17, 21, 22, 25)  # names that would bring the old family back
RECORDS_KEPT = (0, 5, 7, 8, 9, 10, 11, 13, 14)  # copyright, version, makers, licence


def subsetted(source: Path, glyphs: tuple[tuple[int, int], ...], features: list[str] | None = None) -> TTFont:
    """The font with the `glyphs` and layout `features` named (None: those of ordinary text), without hints."""
    options = subset.Options(name_IDs=["*"], hinting=False, notdef_outline=True)
    options.layout_features = features or options.layout_features
    options.drop_tables += ["FFTM", "DSIG", "PfEd"]
    font = TTFont(source, recalcTimestamp=False)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=set(font.getBestCmap()) & {one for a, b in glyphs for one in range(a, b + 1)})
    chosen.subset(font)
    return font


def renamed(font: TTFont, family: str, style: str) -> TTFont:
    """The font under its new name, its authors and licence kept."""
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in RECORDS_KEPT and record.platformID == 3]
    flat = f"{family.replace(' ', '')}-{style.replace(' ', '')}"
    for place, text in {
        FAMILY: family, STYLE: style, UNIQUE: flat, FULL: f"{family} {style}", POSTSCRIPT: flat,
    }.items():  # fmt: skip
        names.setName(text, place, 3, 1, 0x409)
    if "CFF " in font:
        font["CFF "].cff.fontNames[0] = flat
        font["CFF "].cff.topDictIndex[0].FamilyName = family
        font["CFF "].cff.topDictIndex[0].FullName = f"{family} {style}"
    return font


def face_rule(font: TTFont, family: str, style: str) -> str:
    """The CSS that gives a page a face, held in the rule itself: a page fetches nothing."""
    weight, slant = ("bold" if "Bold" in style else "normal"), ("italic" if "Italic" in style else "normal")
    file = io.BytesIO()
    font.flavor = "woff2"
    renamed(font, family, style).save(file)
    data = base64.b64encode(file.getvalue()).decode()
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {slant}; '
        f'src: url("data:font/woff2;base64,{data}") format("woff2"); }}\n'
    )


def drawing_with_faces(svg: str, sources: Path) -> str:
    """A drawing of report/figures that holds the faces of its own words: as a picture of a page it has no others."""
    bare = re.sub(r'<style id="faces">.*?</style>\n?', "", svg, flags=re.DOTALL)
    words = "".join(re.findall(r">([^<]+)<", bare))
    used = tuple((ord(sign), ord(sign)) for sign in sorted(set(words)) if not sign.isspace() or sign == " ")
    faces = [
        face_rule(subsetted(sources / source, used), family, style)
        for source, family, style in FACES.values()
        if family == "Rapporteur Serif" and style != "Bold Italic"
    ]
    head = re.search(r"<svg\b[^>]*>\n?", bare)
    assert head is not None
    return bare[: head.end()] + f'<style id="faces">\n{"".join(faces)}</style>\n' + bare[head.end() :]


def main() -> None:
    sources = Path(sys.argv[1])
    rules = ["/* Made by report/_brand/fonts/make.py: the faces of a page, held in it. */\n"]
    for name, (source, family, style) in FACES.items():
        renamed(subsetted(sources / source, GLYPHS, ["*"]), family, style).save(HERE / f"{name}.ttf")
        if name not in NOT_OF_PAGES:
            rules.append(face_rule(subsetted(sources / source, OF_PAGES), family, style))
    source, family, style = MATH
    rules.append(
        face_rule(
            subsetted(sources / source, SIGNS, ["ssty", "flac", "dtls", "mark", "mkmk", "ccmp", "kern"]), family, style
        )
    )
    (HERE / "fonts.css").write_text("".join(rules), encoding="utf-8")
    for drawing in HERE.parents[1].glob("**/figures/*.svg"):
        drawing.write_text(drawing_with_faces(drawing.read_text(encoding="utf-8"), sources), encoding="utf-8")


if __name__ == "__main__":
    main()
