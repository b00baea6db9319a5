"""The version of the code: what changes it, and what does not."""

from __future__ import annotations

import ast
import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rapporteur.clip.encoder import Encoder
from rapporteur.core import code
from rapporteur.core.code import code_version, definitions
from rapporteur.dalle import coder
from rapporteur.datasets import world
from rapporteur.draw import painter
from rapporteur.draw.kinds import KINDS
from rapporteur.form import items
from rapporteur.stages import model

MAKERS: dict[str, tuple[Callable[..., Any], ...]] = {
    "world shapes": (world.shape_work, world.picture_bytes),
    "world landscapes": (world.landscape_work, world.picture_bytes),
    "reconstructions": (coder.Coder,),
    "clip": (Encoder,),
    "colour": (items.measure,),
    "tokens": (coder.Coder,),
    "model": (model.learn,),
    **{f"images {kind}": (make, painter.Painter, painter.picture_bytes) for kind, make in KINDS.items()},
}


def forget() -> None:
    for cached in (code._version, code._module, code._file):
        cached.cache_clear()


@pytest.fixture
def copy(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the package whose files may be edited, and from which versions are taken."""
    folder = Path(shutil.copytree(repository / "src", tmp_path / "src"))
    yield from used(folder, monkeypatch)


def used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    @functools.cache
    def file(module: str) -> Path | None:
        base = folder.joinpath(*module.split("."))
        return next((path for path in (base / "__init__.py", base.with_suffix(".py")) if path.is_file()), None)

    monkeypatch.setattr(code, "_file", file)
    forget()
    yield folder
    monkeypatch.undo()
    forget()


def edited(path: Path, statement: ast.stmt) -> str:
    """The text of a module with one more expression at the end of a statement."""
    lines = path.read_text(encoding="utf-8").splitlines()
    body = getattr(statement, "body", None)
    end = statement.end_lineno or statement.lineno
    if body:
        lines.insert(end, " " * body[-1].col_offset + "'edited'")
    else:
        lines[end - 1] = lines[end - 1][: statement.end_col_offset] + "; 'edited'"
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("stage", MAKERS)
def test_an_edit_in_any_module_of_a_closure_changes_the_version_and_a_comment_does_not(copy: Path, stage: str) -> None:
    makers = MAKERS[stage]
    before = code_version(*makers)
    closure = definitions(*(code._root(maker) for maker in makers))
    modules = sorted({module for module, name in closure if name not in ("", "*")})
    assert len(modules) >= 5 and makers[0].__module__ in modules
    for module in modules:
        path = code._file(module)
        assert path is not None
        text = path.read_text(encoding="utf-8")
        name = min(name for where, name in closure if where == module and name in code._module(module).definitions)
        path.write_text(edited(path, code._module(module).definitions[name][0]), encoding="utf-8")
        forget_texts()
        assert code_version(*makers) != before, f"{module}.{name} was edited, and nothing would be made again"
        path.write_text('"""Another docstring."""\n' + f"# a comment\n\n{text}  # another\n", encoding="utf-8")
        forget_texts()
        assert code_version(*makers) == before, f"a comment in {module} makes everything again"
        path.write_text(text, encoding="utf-8")
    forget_texts()


def forget_texts() -> None:
    code._version.cache_clear()
    code._module.cache_clear()


@pytest.mark.parametrize(
    ("file", "old", "new", "stages"),
    [
        ("core/pictures.py", "Resampling.LANCZOS", "Resampling.NEAREST", "tokens reconstructions"),
        (
            "datasets/world.py",
            "draw_shape(shape, own, size)",
            "draw_shape(shape, own + 1, size)",
            "world shapes",
        ),
        ("datasets/world.py", "leaf.draw(size)", "leaf.draw(size // 2)", "world landscapes"),
        ("clip/encoder.py", '.astype("<f4")', '.astype("<f2")', "clip"),
        ("form/items.py", "list(overlaps(pixels).values())", "[]", "colour"),
        ("dalle/landscape.py", "how, weights, seen", "how, weights, measure", "model"),
        ("draw/painter.py", "[png_bytes(picture)", "[png_bytes(picture[::-1])", "images jax"),
        ("draw/painter.py", "[one.seed for one", "[one.seed + 1 for one", "images jax"),
    ],
)
def test_an_edit_that_changes_an_item_changes_its_version(
    copy: Path, file: str, old: str, new: str, stages: str
) -> None:
    names = [stages] if stages in MAKERS else stages.split()
    before = {name: code_version(*MAKERS[name]) for name in MAKERS}
    path = copy / "rapporteur" / file
    text = path.read_text(encoding="utf-8")
    assert old in text, "the test follows the code"
    path.write_text(text.replace(old, new), encoding="utf-8")
    forget_texts()
    after = {name: code_version(*MAKERS[name]) for name in MAKERS}
    assert all(after[name] != before[name] for name in names)


def test_how_errors_are_said_makes_nothing_again() -> None:
    for stage, makers in MAKERS.items():
        modules = {module for module, _ in definitions(*(code._root(maker) for maker in makers))}
        assert "rapporteur.core.errors" not in modules, stage


def test_what_shows_the_progress_makes_nothing_again() -> None:
    for stage, makers in MAKERS.items():
        modules = {module for module, _ in definitions(*(code._root(maker) for maker in makers))}
        assert "rapporteur.core.progress" not in modules, stage


# --- how names are followed ----------------------------------------------------------------------------

SMALL = {
    "__init__": "",
    "a": (
        "from __future__ import annotations\nimport numpy as np\nfrom typing import TYPE_CHECKING\n"
        "from rapporteur import b\nfrom rapporteur.pack import told as said\n"
        "if TYPE_CHECKING:\n    from rapporteur.typed import Kind\n"
        "def by_attribute(): return b.first()\n"
        "def by_alias(): return said()\n"
        "def inside():\n    from rapporteur.c import deep\n    return deep\n"
        "def typed(one: Kind) -> int: return one.go()\n"
        "def constant(): return LIMIT\n"
        "def alone(): return np.mean\n"
        "def maker():\n    def made(): return b.first()\n    return made\n"
        "def whole(): return map(str, [b])\n"
        "class Field:\n    by_alias: int\n"
        "LIMIT = b.NUMBER\n"
    ),
    "b": "NUMBER = 3\ndef first(): return second()\ndef second(): return 2\ndef unused(): return 9\n",
    "c": "import rapporteur.d\nrapporteur.d.setting = 1\nclass Base: pass\nclass deep(Base): pass\n",
    "d": "setting = 0\n",
    "typed": "class Kind:\n    def go(self): return helper()\ndef helper(): return 1\n",
    "pack/__init__": "from rapporteur.pack.inner import told\n",
    "pack/inner": "def told(): return 1\n",
}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in SMALL.items():
        (tmp_path / "rapporteur" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "rapporteur" / f"{name}.py").write_text(text, encoding="utf-8")
    yield from used(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("by_attribute", {"b.first", "b.second"}),
        ("by_alias", {"pack.inner.told"}),
        ("inside", {"c.deep", "c.Base", "d.setting"}),
        ("typed", {"typed.Kind", "typed.helper"}),
        ("constant", {"a.LIMIT", "b.NUMBER"}),
        ("alone", set()),
        ("maker", {"b.first", "b.second"}),
        ("Field", set()),
        ("whole", {"b.*", "b.NUMBER", "b.first", "b.second", "b.unused"}),
    ],
)
def test_names_are_followed_to_their_definitions(small: Path, name: str, needs: set[str]) -> None:
    found = {
        f"{module}.{one}".removeprefix("rapporteur.") for module, one in definitions(("rapporteur.a", name)) if one
    }
    assert found - {f"a.{name}"} == needs


def test_an_unused_neighbour_does_not_count(small: Path) -> None:
    root = (("rapporteur.a", "by_attribute"),)
    before = code._version(root)
    (small / "rapporteur" / "b.py").write_text(SMALL["b"].replace("return 9", "return 10"), encoding="utf-8")
    forget_texts()
    assert code._version(root) == before
    (small / "rapporteur" / "b.py").write_text(SMALL["b"].replace("return 2", "return 20"), encoding="utf-8")
    forget_texts()
    assert code._version(root) != before


def test_what_runs_at_an_import_counts(small: Path) -> None:
    before = code._version((("rapporteur.a", "inside"),))
    (small / "rapporteur" / "c.py").write_text(SMALL["c"].replace("setting = 1", "setting = 2"), encoding="utf-8")
    forget_texts()
    assert code._version((("rapporteur.a", "inside"),)) != before


def test_methods_partials_and_made_functions_count_by_where_they_are_defined() -> None:
    assert code._root(painter.Painter.draw) == ("rapporteur.draw.painter", "Painter")
    assert code._root(functools.partial(painter.picture_bytes, None)) == ("rapporteur.draw.painter", "picture_bytes")
    assert code._root(coder.Coder(Path("x")).tokens) == ("rapporteur.dalle.coder", "Coder")


def test_a_maker_from_elsewhere_is_refused() -> None:
    with pytest.raises(ValueError, match="is defined at the top of no module of rapporteur"):
        code_version(shutil.copy)


def test_to_ask_for_a_version_imports_nothing(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from rapporteur.core.code import definitions; "
        "definitions(('rapporteur.dalle.landscape', 'learn')); sys.exit(bool({'jax', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
