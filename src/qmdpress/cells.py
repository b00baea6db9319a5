"""Runs the cells and the inline code of a document, once, in one kernel, in the order of the page.

Cost: 1.5 s for the kernel, then what the cells themselves take.
"""

from __future__ import annotations

import ast
import asyncio
import atexit
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from qmdpress.errors import BadInput
from qmdpress.options import CELL, Notes, judge
from qmdpress.pandoc import Node, elements
from qmdpress.qmd import Cell, Line, Qmd

CELL_CLASS = "rapporteur-cell"
INLINE = "{python}"
INLINE_VALUE = "InlineValue"
TIMEOUT_S = 300

FLAGS = ("echo", "include", "eval", "warning")

Output = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One thing to run: a cell, or an inline expression."""

    code: str
    place: Line
    inline: bool


@dataclass(frozen=True)
class Executed:
    """Outputs of the cells by number, and of the inline expressions in the order of the page."""

    cells: dict[int, list[Output]]
    inline: list[Output]


def check_options(document: Qmd, notes: Notes) -> None:
    """Raises BadInput for a cell option that changes what is read and is not obeyed, and for a label used twice."""
    labels: dict[str, Cell] = {}
    for cell in document.cells:
        for name, value in cell.options.items():
            judged = judge(name, CELL, "the cell option ")
            if isinstance(judged, BadInput):
                raise cell.error(str(judged))
            if judged:
                notes.add(name, cell.place.file, cell.place.number)
            if name in FLAGS and not isinstance(value, bool):
                raise cell.error(f"the cell option `{name}` is true or false, not {value!r}")
            if INLINE in str(value):
                raise cell.error(
                    f"`{name}` can't hold {INLINE}; put the caption in a `::: {{#...}}` div around the cell"
                )
        if cell.options.get("output", True) not in (True, False, "asis"):
            raise cell.error("the cell option `output` is true, false or asis")
        label = cell.options.get("label")
        if label is not None and label in labels:
            raise cell.error(f'the label "{label}" is used twice (first in line {labels[label].place.number})')
        if label is not None:
            labels[label] = cell


def is_cell(element: Node) -> bool:
    return bool(element["t"] == "CodeBlock" and CELL_CLASS in element["c"][0][1])


def cell_number(element: Node) -> int:
    return int(dict(element["c"][0][2])["number"])


def is_inline(element: Node) -> bool:
    return bool(element["t"] == "Code" and element["c"][1].startswith(INLINE))


def expression(element: Node) -> str:
    return str(element["c"][1]).removeprefix(INLINE).strip()


def run_cells(document: Qmd, blocks: list[Node], defaults: dict[str, Any], root: Path) -> Executed:
    """Run what `blocks` holds; each inline code of it becomes an INLINE_VALUE with its place in the results.

    Raises BadInput with the line and the message of the first error.
    """
    steps: list[Step] = []
    order: list[int | None] = []
    for element in elements(blocks):
        if is_cell(element):
            cell = document.cells[cell_number(element)]
            if cell.options.get("eval", defaults.get("eval", True)):
                steps.append(Step(cell.code, cell.place, inline=False))
                order.append(cell.number)
        elif is_inline(element):
            steps.append(Step(expression(element), document.find(element["c"][1]), inline=True))
            element.update(t=INLINE_VALUE, c=order.count(None))
            order.append(None)
    outputs = _run(steps, root) if steps else []
    cells = {number: made for number, made in zip(order, outputs, strict=True) if number is not None}
    _check_repeated(steps, outputs)
    inline = [_value(step, made) for step, made in zip(steps, outputs, strict=True) if step.inline]
    return Executed(cells, inline)


def _check_repeated(steps: list[Step], outputs: list[list[Output]]) -> None:
    """Raises BadInput for an expression that has two values between two cells: Quarto prints the last one twice."""
    said: dict[str, Any] = {}
    for step, made in zip(steps, outputs, strict=True):
        if not step.inline:
            said.clear()
            continue
        value = [output.get("data") for output in made]
        if said.setdefault(step.code, value) != value:
            raise step.place.error(
                f"`{INLINE} {step.code}` has another value than where it was said before; Quarto would print the last "
                "one in both places: say it in a cell, or by an expression of its own"
            )


class _OwnPython(KernelSpecManager):  # type: ignore[misc]
    """The kernel is the Python that runs this program, whatever kernels a machine has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        arguments = ["-m", "ipykernel_launcher", "-f", "{connection_file}", "--HistoryManager.enabled=False"]
        return KernelSpec(argv=[sys.executable, *arguments], display_name=kernel_name, language="python")


def _run(steps: list[Step], root: Path) -> list[list[Output]]:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(step.code, id=f"c{i}") for i, step in enumerate(steps)]
    )
    with tempfile.TemporaryDirectory() as home:
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=TIMEOUT_S,
            startup_timeout=TIMEOUT_S,  # a laptop that trains a model meanwhile is slow to start a process
            shutdown_kernel="immediate",  # it only read: there is nothing to save
            resources={"metadata": {"path": str(root)}},
        )
        _keep_private(client.create_kernel_manager(), Path(home))
        # A fixed hash seed, because the order of a set must not change the document.
        environment = {**os.environ, "IPYTHONDIR": home, "PYTHONHASHSEED": "0"}
        try:
            asyncio.run(client.async_execute(env=environment))
        except (CellExecutionError, CellTimeoutError, RuntimeError, AssertionError) as error:
            if getattr(client, "_async_cleanup_kernel_future", None):  # nbclient takes Ctrl-C for itself
                raise KeyboardInterrupt from None
            raise _failure(steps, notebook, error) from None
        finally:
            # nbclient forgets this where a kernel did not start, and then complains when Python ends.
            atexit.unregister(client._cleanup_kernel)
    return [list(cell.outputs) for cell in notebook.cells]


def _keep_private(manager: Any, home: Path) -> None:
    """Make a kernel of this Python, reached by sockets in `home` where there are such: it opens no port."""
    manager.kernel_spec_manager = _OwnPython()
    manager.connection_file = str(home / "kernel.json")
    if os.name == "posix":
        manager.transport, manager.ip = "ipc", str(home / "socket")


def _failure(steps: list[Step], notebook: Any, error: Exception) -> BadInput:
    for step, cell in zip(steps, notebook.cells, strict=True):
        for output in cell.outputs:
            if output.output_type == "error":
                said = output.evalue if output.ename == "BadInput" else f"{output.ename}: {output.evalue}"
                return step.place.error(f"`{_first_line(step.code)}` failed: {said}")
    return BadInput(f"the kernel stopped: {error}", steps[0].place.file)


def _first_line(code: str) -> str:
    return next((line for line in code.splitlines() if line.strip() and not line.startswith("#")), code.strip())


def _value(step: Step, outputs: list[Output]) -> Output:
    """The value of an inline expression. Raises BadInput for one that prints, or says nothing."""
    results = [output for output in outputs if output["output_type"] == "execute_result"]
    if len(results) != 1 or len(outputs) != 1:
        raise step.place.error(f"`{INLINE} {step.code}` must be one expression that has a value and prints nothing")
    text = results[0]["data"].get("text/plain", "")
    if "text/markdown" not in results[0]["data"] and literal(text) not in (text, text[1:-1]):
        raise step.place.error(
            f"`{INLINE} {step.code}` is a string that Quarto would print as {text}; wrap it in Markdown(...)"
        )
    return results[0]


def literal(text: str) -> str:
    """What an inline value reads as: the text of a string, the repr of the rest."""
    if text[:1] in "'\"":
        return str(ast.literal_eval(text))
    return text
