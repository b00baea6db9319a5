"""Code is a dependency: the packages that hold what a stage imports, directly or not.

DVC does not see imports (dvc#9195), so a change in a helper module would leave a stage's output stale: core/flow.py
writes these packages into dvc.yaml.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

PACKAGE, BESIDE = "rapporteur", ("drawn_world", "qmdpress")
SOURCE = Path("src")


def module_path(name: str, root: Path = Path()) -> Path | None:
    """The file of a dotted module name, from the repository's root; None when it is not a module."""
    base = SOURCE / Path(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if (root / path).exists():
            return path
    return None


def imports(path: Path, root: Path = Path()) -> set[str]:
    """Dotted names of the package's modules that a file imports, at its top or inside its functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((root / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in (PACKAGE, *BESIDE) and module_path(name, root)}


def document_imports(path: Path) -> set[str]:
    """Dotted names of the package's modules that a Quarto document's cells import."""
    return set(re.findall(rf"^\s*(?:from|import) ({PACKAGE}[\w.]*)", path.read_text(encoding="utf-8"), re.MULTILINE))


def import_closure(*modules: str, root: Path = Path()) -> list[Path]:
    """Files of all modules of the package that `modules` need, themselves and parent packages included, sorted."""
    todo, seen = list(modules), set[Path]()
    while todo:
        name = todo.pop()
        path = module_path(name, root)
        if path is None or path in seen:
            continue
        seen.add(path)
        todo += list(imports(path, root)) + [name.rpartition(".")[0]] * ("." in name)
        if path.name == "__init__.py" and "iter_modules" in (root / path).read_text(encoding="utf-8"):
            todo += [f"{name}.{module.stem}" for module in (root / path).parent.glob("*.py")]  # it looks for them
    return sorted(seen)


def stage_code(stage: str, data: Iterable[str] = (), root: Path = Path()) -> list[str]:
    """The `src/` dependencies that a stage must declare: the packages of its closure and of that of the documents among
    its data, its own module, and the modules that stand beside the packages.
    """
    documents = (root / name for name in data if name.endswith(".qmd"))
    imported = {name for document in documents for name in document_imports(document)}
    files = import_closure(f"{PACKAGE}.stages.{stage}", *sorted(imported), root=root)
    return sorted({_declared(path).as_posix() for path in files if _has_code(root / path)})


def _declared(path: Path) -> Path:
    """The package that a module is in; the module itself where it is a stage, or beside the packages."""
    package, *inside = path.relative_to(SOURCE).parts
    if package != PACKAGE:
        return SOURCE / package
    return path if len(inside) == 1 or inside[0] == "stages" else SOURCE / PACKAGE / inside[0]


def _has_code(path: Path) -> bool:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in body)
