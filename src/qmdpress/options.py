"""What becomes of each of Quarto's options here: obeyed, let be, noted as being without effect, or refused.

Refused is what would change the words of the document; all else that Quarto accepts is accepted. The names of Quarto's
options are those of its schemas (quarto-dev/quarto-cli, src/resources/schema, 1.10).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qmdpress.errors import BadInput
from qmdpress.project import nearest


@dataclass(frozen=True)
class Options:
    """The options of one place ("document", "cell"), by what becomes of them."""

    obeyed: frozenset[str]
    granted: frozenset[str]  # true of everything made here, or of Quarto's own machinery: nothing to say
    without_effect: frozenset[str]
    refused: frozenset[str]  # would change the words

    def known(self) -> frozenset[str]:
        return self.obeyed | self.granted | self.without_effect | self.refused


@dataclass
class Notes:
    """What was let be, once each, to be said at the end."""

    said: dict[str, str] = field(default_factory=dict)  # name: where

    def add(self, name: str, file: Path, line: int | None) -> None:
        self.said.setdefault(name, f"{file}:{line}" if line else str(file))

    def text(self) -> str:
        """One line, empty where there is nothing to say."""
        named = ", ".join(f"{name} ({where})" for name, where in sorted(self.said.items()))
        return f"note: without effect here, Quarto alone obeys: {named}" if named else ""


def judge(name: str, options: Options, what: str) -> str | BadInput:
    """ "" for an option that is obeyed or granted, "note" for one to be noted, an error for one that is refused."""
    if name in options.obeyed | options.granted:
        return ""
    if name in options.refused:
        return BadInput(
            f"{what}`{name}` changes what is read, and this renderer does not obey it; take it out, or use Quarto"
        )
    meant = difflib.get_close_matches(name, options.obeyed, n=1, cutoff=0.8)
    if meant and name not in options.without_effect:
        return BadInput(f"{what}`{name}` means nothing, here or to Quarto; {nearest(name, options.obeyed)}")
    return "note"


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


DOCUMENT = Options(
    obeyed=_names("""
        title subtitle author supervisor date lang abstract keywords description bibliography csl nocite link-citations
        reference-section-title link-bibliography number-sections toc toc-depth toc-title crossref execute language
        page-limit
        papersize margin fontsize mainfont font-paths section-numbering page-numbering tbl-cap-location fig-cap-location
    """),
    granted=_names("""
        format jupyter embed-resources self-contained html-math-method citeproc validate-yaml editor editor_options
        engine date-format format-links keep-typ keep-md keep-ipynb anchor-sections smooth-scroll quarto-required params
    """),
    without_effect=_names("""
        theme css respect-user-color-scheme axe about brand brand-mode document-css minimal body-classes page-layout
        grid max-width margin-left margin-right margin-top margin-bottom margin-geometry geometry appendix-style
        title-block-style title-block-banner title-block-banner-color title-block-categories
        code-copy code-link code-tools code-block-border-left code-block-bg code-fold code-overflow code-line-numbers
        syntax-highlighting highlight-style syntax-definition syntax-definitions listings indented-code-classes
        fontcolor linkcolor monobackgroundcolor backgroundcolor filecolor citecolor urlcolor toccolor colorlinks
        comments crossrefs-hover citations-hover footnotes-hover
        zotero cache freeze server daemon daemon-restart enabled ipynb debug error julia knitr
        fig-width fig-height fig-format fig-dpi fig-asp fig-responsive fig-align dpi df-print plotly-connected
        monofont codefont fontenc fontfamily fontfamilyoptions sansfont mathfont CJKmainfont mainfontoptions
        sansfontoptions monofontoptions mathfontoptions CJKoptions microtypeoptions linestretch
        resources request-headers trace fail-if-warnings dump-args ignore-args verbosity log-file data-dir keep-source
        keep-hidden output-divs merge-includes metadata variables to input-file input-files defaults
        documentclass classoption pagestyle hyperrefoptions indent block-headings
        lightbox link-external-icon link-external-newwindow link-external-filter notebook-links other-links
        code-links notebook-view notebook-view-style notebook-preview-options canonical-url mermaid ojs-engine
        subject title-meta pagetitle description-meta author-meta date-meta email-obfuscation html-q-tags
        tabsets section-divs identifier-prefix pdf-engine pdf-engine-opt pdf-engine-opts pdf-standard
        cite-method biblatexoptions natbiboptions biblio-style bibliographystyle biblio-title biblio-config
        output-file output-ext self-contained-math ipynb-filters ipynb-shell-interactivity extract-media resource-path
        html-table-processing html-pre-tag-processing css-property-processing use-rsvg-convert wrap columns eol
        preserve-tabs ascii toc-indent toc-location toc-expand logo theorem-appearance search repo-actions aliases
        image image-height image-width image-alt image-lazy-loading draft order top-level-division links-as-notes
        citation-location reference-location default-image-extension template
        article aspectratio beamerarticle beameroption category colortheme colorthemeoptions contrastcolor fonttheme
        fontthemeoptions footer footertext header headertext includesource innertheme innerthemeoptions institute
        interlinespace ipynb-output journal keep-tex layout lineheight linkstyle markdown-headings navigation
        notebook-subarticles notes outertheme outerthemeoptions page-width pagenumbering pdfa pdfaiccprofile pdfaintent
        pointsize prefer-html preview-mode reference-doc section section-titles shorthands tags themeoptions
        titlegraphic track-changes variant whitespace writer
    """),
    refused=_names("""
        filters template-partials shortcodes from metadata-file metadata-files
        header-includes include-before include-after include-before-body include-after-body include-in-header
        number-depth secnumdepth number-offset shift-heading-level-by file-scope abbreviations
        date-modified abstract-title doi thanks citation appendix-cite-as code-annotations code-summary
        funding copyright license title-prefix lof lot notes-after-punctuation citation-abbreviations
        tab-stop strip-comments dir listing affiliation reader table-of-contents
    """),
)
# Filters, partials and the like of the project are report/_brand's, which both renderers obey.
_BRAND = _names("theme css minimal template shift-heading-level-by filters template-partials")
PROJECT = Options(
    DOCUMENT.obeyed,
    DOCUMENT.granted | _BRAND | _names("project profile"),
    DOCUMENT.without_effect - _BRAND,
    DOCUMENT.refused - _BRAND | _names("website book manuscript engines"),
)
# Of the format revealjs: what the deck of slides.py has as well.
_DECK = _names("theme css menu width height slide-level slide-number controls progress hash history transition margin")
SLIDES = Options(
    DOCUMENT.obeyed,
    DOCUMENT.granted | _DECK,
    DOCUMENT.without_effect - _DECK,
    DOCUMENT.refused | _names("incremental"),
)
EXECUTE = Options(
    obeyed=_names("echo output warning include eval"),
    granted=frozenset(),
    without_effect=_names("cache freeze daemon daemon-restart enabled ipynb debug keep-ipynb keep-md error server"),
    refused=frozenset(),
)
CROSSREF = Options(
    obeyed=_names("title-delim fig-title tbl-title fig-prefix tbl-prefix sec-prefix eq-prefix lst-title"),
    granted=frozenset(),
    without_effect=_names("ref-hyperlink"),
    refused=_names("""
        custom chapters eq-title thm-title lem-title cor-title prp-title cnj-title def-title exm-title exr-title
        lst-prefix thm-prefix lem-prefix cor-prefix prp-prefix cnj-prefix def-prefix exm-prefix exr-prefix
        fig-labels tbl-labels eq-labels sec-labels lst-labels thm-labels lem-labels cor-labels prp-labels cnj-labels
        def-labels exm-labels exr-labels lof-title lot-title lol-title labels subref-labels appendix-title
        appendix-delim
    """),
)
CELL = Options(
    obeyed=_names("""
        label echo output include eval warning fig-cap fig-subcap fig-alt tbl-cap tbl-colwidths
        layout-ncol layout-nrow layout
    """),
    granted=_names("id tags export error renderings"),
    without_effect=_names("""
        classes class-source attr-source class-output attr-output class-warning attr-warning class-message attr-message
        class-error attr-error message results cache cache-path cache-vars cache-globals cache-lazy cache-rebuild
        cache-comments dependson autodep code-fold code-overflow code-line-numbers tidy tidy-opts highlight
        fig-width fig-height fig-align fig-env fig-pos fig-scap fig-format fig-dpi fig-asp out-width out-height fig-keep
        fig-show out-extra external sanitize interval aniopts animation-hook purl layout-align layout-valign
        column fig-column tbl-column html-table-processing
    """),
    refused=_names("""
        lst-label lst-cap code-summary collapse prompt comment fig-link child file code panel tbl-subcap
        cap-location fig-cap-location tbl-cap-location output-location title padding expandable width height content
        color context
    """),
)
GROUPS: Mapping[str, Options] = {"execute": EXECUTE, "crossref": CROSSREF}


def unknown(names: Iterable[str], options: Options) -> list[str]:
    """The names that nobody has decided on."""
    return sorted(set(names) - options.known())
