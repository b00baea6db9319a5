"""One version of the code: the digest of all that a function's result follows from.

    code_version(measure)             the function, and every definition of these packages that it needs
    code_version(encoder(folder))     a function made by another counts as its maker
    code_version(type(generator))     a class counts whole, with its bases

From the definition the names that it uses are followed, through imports (at the top of a module, in a function or for
the type checker alone) to further definitions: functions, classes, constants. A module that is passed on whole counts
whole. Of each module that is reached, what runs at its import counts as well (a setting of JAX, say). Comments,
docstrings and blank lines do not count: to explain a line makes nothing again. What is found at run time alone (a class
chosen by a name) must be given as a further argument.

Cost: 5 to 50 ms, once a process for each set of arguments.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapporteur.core.provenance import bare_code

PACKAGES = ("rapporteur", "drawn_world", "qmdpress")
SAYING = ("rapporteur.core.errors",)  # what raises an error makes no item: how it is said decides none
Definition = tuple[str, str]  # module, name at its top; "" for what runs at its import, "*" for all of it


@dataclass(frozen=True)
class _Module:
    """A module's text, what its names are bound to at its top, and what runs at its import."""

    source: str
    definitions: dict[str, list[ast.stmt]]
    aliases: dict[str, str]  # name: dotted name of what it stands for
    rest: list[ast.stmt]


def code_version(*makers: Callable[..., Any] | type) -> str:
    """SHA-256 (hex) over the bare code of every definition of these packages that the makers need."""
    return _version(tuple(_root(maker) for maker in makers))


@functools.cache
def _version(roots: tuple[Definition, ...]) -> str:
    digest = hashlib.sha256()
    for module, name in sorted(definitions(*roots)):
        digest.update(f"{module}:{name}\n{_text(module, name)}\n".encode())
    return digest.hexdigest()


def definitions(*roots: Definition) -> set[Definition]:
    """The closure of some definitions."""
    todo, seen = list(roots), set[Definition]()
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        todo += _needs(*one)
    return seen


def _root(maker: Callable[..., Any] | type) -> Definition:
    """The definition at the top of a module that a function, a method, a partial or a class belongs to."""
    while isinstance(maker, functools.partial):
        maker = maker.func
    if not hasattr(maker, "__qualname__"):
        maker = type(maker)
    module, name = _module_name(maker.__module__), maker.__qualname__.partition(".")[0]
    if _is_ours(module) and name in _module(module).definitions:
        return module, name
    raise ValueError(f"{maker!r} is defined at the top of no module of {', '.join(PACKAGES)}")


def _module_name(name: str) -> str:
    """The name of a module; of the one that runs as a program, that which it was started by (python -m)."""
    spec = getattr(sys.modules["__main__"], "__spec__", None) if name == "__main__" else None
    return name if spec is None else spec.name


def _needs(module: str, name: str) -> Iterator[Definition]:
    """What a definition uses, and what runs at the import of its module."""
    here = _module(module)
    if name == "*":
        yield from ((module, known) for known in here.definitions)
    yield module, ""
    for statement in here.rest if name == "" else here.definitions.get(name, []):
        aliases = here.aliases | _imports(statement)
        for used in _used(statement):
            yield from _resolved(used, module, aliases)


def _resolved(used: str, module: str, aliases: dict[str, str]) -> Iterator[Definition]:
    """The definition that a dotted name stands for, where it is one of the packages."""
    head, _, tail = used.partition(".")
    if head in aliases:
        yield from _located(aliases[head] + (f".{tail}" if tail else ""))
    elif head in _module(module).definitions:
        yield module, head


def _located(dotted: str) -> Iterator[Definition]:
    """A dotted name as the longest module in it, and the name that follows; an alias there is followed further."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        module = ".".join(parts[:end])
        if not _is_ours(module):
            continue
        rest = parts[end:]
        if not rest:
            yield module, "*"
        else:
            yield from _resolved(".".join(rest), module, _module(module).aliases)
            yield module, ""
        return


def _used(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement reads, with the attributes that follow them: "np.mean", "load_vqgan"."""
    inner = {id(node.value) for node in ast.walk(statement) if isinstance(node, ast.Attribute)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and id(node) not in inner and (dotted := _dotted(node)):
            yield dotted
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in inner:
            yield node.id


def _dotted(node: ast.Attribute) -> str | None:
    parts: list[str] = []
    inside: ast.expr = node
    while isinstance(inside, ast.Attribute):
        parts.append(inside.attr)
        inside = inside.value
    return ".".join([inside.id, *reversed(parts)]) if isinstance(inside, ast.Name) else None


def _imports(tree: ast.AST) -> dict[str, str]:
    """What the imports within a tree bind: name to dotted name."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            bound |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return bound


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in PACKAGES and module not in SAYING and _file(module) is not None


@functools.cache
def _file(module: str) -> Path | None:
    """The file of a module, found without importing it."""
    package, *inside = module.split(".")
    top = importlib.util.find_spec(package)
    assert top is not None and top.submodule_search_locations
    base = Path(top.submodule_search_locations[0], *inside)
    return next((path for path in (base / "__init__.py", base.with_suffix(".py")) if path.is_file()), None)


@functools.cache
def _module(name: str) -> _Module:
    file = _file(name)
    assert file is not None, name
    source = file.read_text(encoding="utf-8")
    tree = ast.parse(source)
    found: dict[str, list[ast.stmt]] = {}
    aliases: dict[str, str] = {}
    rest: list[ast.stmt] = []
    for statement in tree.body:
        names = _binds(statement)
        if isinstance(statement, ast.Import | ast.ImportFrom) or _is_typing_block(statement):
            aliases |= _imports(statement)
        elif names:
            for one in names:
                found.setdefault(one, []).append(statement)
        elif not _is_silent(statement):
            rest.append(statement)
            aliases |= _imports(statement)
    return _Module(source, found, aliases, rest)


def _binds(statement: ast.stmt) -> list[str]:
    """The names that a definition or an assignment at the top of a module binds."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        stored = (node for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
        return [node.id for node in stored if isinstance(node.ctx, ast.Store)]
    return []


def _is_typing_block(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test).endswith("TYPE_CHECKING")


def _is_silent(statement: ast.stmt) -> bool:
    """Whether a statement does nothing where the module is imported: a docstring, or what runs as a program."""
    if isinstance(statement, ast.If):
        return ast.unparse(statement.test) == "__name__ == '__main__'"
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _text(module: str, name: str) -> str:
    """The bare code of a definition."""
    here = _module(module)
    statements = here.rest if name == "" else here.definitions.get(name, [])
    lines = here.source.split("\n")  # as ast counts them: splitlines() also cuts at form feeds and U+2028
    return "\n".join(bare_code("\n".join(lines[_first(one) - 1 : one.end_lineno])) for one in statements)


def _first(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)])
