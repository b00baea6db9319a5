"""The measures of the house: `just house`. How large the code is, and which packages import each other in a circle."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "rapporteur"


def modules(folder: Path = SOURCE) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Dotted names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def package_of(name: str) -> str:
    """The package at the top of rapporteur that a dotted name is in; "" for none."""
    top, _, inside = name.partition(".")
    return inside.partition(".")[0] if top == "rapporteur" else ""


def edges() -> dict[str, set[str]]:
    """Which packages of rapporteur each of them imports."""
    found: dict[str, set[str]] = {}
    for path in modules(PACKAGE):
        here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        found.setdefault(here, set()).update({package_of(name) for name in imported(path)} - {"", here})
    return found


def circles() -> list[set[str]]:
    """Sets of packages that reach each other."""
    near = edges()

    def reached(start: str) -> set[str]:
        seen, todo = set[str](), [start]
        while todo:
            for other in near.get(todo.pop(), set()) - seen:
                seen.add(other)
                todo.append(other)
        return seen

    every = {name: reached(name) for name in near}
    found = [{other for other in every[name] if name in every.get(other, ())} for name in near if name in every[name]]
    return [one for place, one in enumerate(found) if one not in found[:place]]


def functions(path: Path) -> Iterator[tuple[int, str]]:
    """Lines and name of each function of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1, f"{path.relative_to(SOURCE)}:{node.name}"


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def main() -> None:
    every = {path: lines(path) for path in modules()}
    longest = max(every, key=lambda path: every[path])
    made = sorted(one for path in every for one in functions(path))
    print(f"lines of src             {sum(every.values()):,} in {len(every)} modules")
    print(f"lines of a module        median {statistics.median(every.values()):.0f}; {longest.name} {every[longest]}")
    middle = statistics.median(size for size, _ in made)
    print(f"lines of a function      median {middle:.0f}; {made[-1][1]} {made[-1][0]}")
    print(f"lines of dvc.yaml        {lines(ROOT / 'dvc.yaml')}")
    print(f"circles of packages      {[sorted(one) for one in circles()] or 'none'}")


if __name__ == "__main__":
    main()
