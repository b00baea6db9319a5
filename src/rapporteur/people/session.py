"""A rater's session: where each picture stands in their row, what they said of it, and what the page may know.

What leaves for the page is the caption, an opaque name for each picture that only this session knows, and the rater's
own answers. Model, seed, score, source and file names stay here.
"""

from __future__ import annotations

import io
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from rapporteur.people.journal import Journal, Row
from rapporteur.people.modes import Answer, Mode
from rapporteur.people.task import Load, Task
from rapporteur.report.language import spoken
from rapporteur.vocabulary.attributes import attribute_code

RATE, BURST = 10.0, 40.0  # lines a second that may be written, and at once: ten times what a person can

Identity = tuple[str, ...]
Answers = dict[str, str]  # by question


class Refused(Exception):
    """A request that is not obeyed, with its HTTP status and the code of a sentence for the page."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(spoken().say(code))
        self.status = status


class Allowance:
    """So many writes a second, so that no program can fill the disk through the page."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._left, self._last = clock, BURST, clock()

    def take(self) -> bool:
        now = self._clock()
        self._left, self._last = min(BURST, self._left + RATE * (now - self._last)), now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Session:
    """`tasks` in the rater's order; what the journal says of them is done and comes first."""

    def __init__(self, mode: Mode, rater: str, tasks: Sequence[Task], journal: Journal, allowance: Allowance) -> None:
        self.mode, self.rater, self._journal, self._allowance = mode, rater, journal, allowance
        self._given = _given(journal.read(), mode, tasks)
        self._tasks = _resumed(tasks, self._given, mode)
        self._names = [secrets.token_urlsafe(16) for _ in self._tasks]
        self._places = {name: place for place, name in enumerate(self._names)}
        self._pictures = [[secrets.token_urlsafe(16) for _ in task.pictures] for task in self._tasks]
        self._loads: dict[str, Load] = {
            name: load
            for task, names in zip(self._tasks, self._pictures, strict=True)
            for name, load in zip(names, task.pictures, strict=True)
        }
        self._done = {place for place in range(len(self._tasks)) if self._is_done(place)}
        self._writing = threading.Lock()  # the page may have two tabs

    def start(self) -> dict[str, Any]:
        """All that the page needs before its first picture."""
        say = spoken().say
        questions = [
            {"name": question.name, "label": say(question.label), "answers": [_shown(one) for one in question.answers]}
            for question in self.mode.questions
        ]
        keys = [(say(f"page.keys.{name}"), say(f"page.keys.{name}.effect")) for name in self.mode.keys]
        about = {"mode": self.mode.name, "title": say(f"page.{self.mode.name}"), "rater": self.rater, "keys": keys}
        return about | {"questions": questions, "file": self._journal.path.as_posix()} | self.progress()

    def progress(self) -> dict[str, int]:
        """`next` is the first place that is not done; the number of pictures where all are."""
        rest = (place for place in range(len(self._tasks)) if place not in self._done)
        return {"done": len(self._done), "total": len(self._tasks), "next": next(rest, len(self._tasks))}

    def view(self, place: int) -> dict[str, Any]:
        if not 0 <= place < len(self._tasks):
            raise Refused(404, "refused.no_place")
        task = self._tasks[place]
        shown = {"place": place, "task": self._names[place], "captions": task.captions}
        return shown | {"pictures": self._pictures[place], "answers": self._answers(place)}

    def picture(self, name: str) -> bytes:
        """The picture as PNG without metadata, whatever its file is."""
        if name not in self._loads:
            raise Refused(404, "refused.no_picture")
        out = io.BytesIO()
        self._loads[name]().save(out, format="PNG", compress_level=1)
        return out.getvalue()

    def answer(self, name: str, question: str, value: str) -> dict[str, int]:
        """Write the answer down, unless it is the one that stands."""
        if name not in self._places:
            raise Refused(404, "refused.other_session")
        if value not in self.mode.known.get(question, ()):
            raise Refused(400, "refused.unknown_answer")
        place = self._places[name]
        with self._writing:
            if self._answers(place).get(question) != value:
                self._write(place, question, value)
            return self.progress()

    def _write(self, place: int, question: str, value: str) -> None:
        if not self._allowance.take():
            raise Refused(429, "refused.too_many")
        when = datetime.now().astimezone().isoformat(timespec="seconds")
        cells = {"rater": self.rater, self.mode.answer: value, "time": when}
        named = {} if self.mode.question is None else {self.mode.question: question}
        self._journal.append(dict(self._tasks[place].cells) | cells | named)
        self._given.setdefault(self._identity(place), {})[question] = value
        if self._is_done(place):
            self._done.add(place)

    def _identity(self, place: int) -> Identity:
        return self._tasks[place].identity(self.mode.identity)

    def _answers(self, place: int) -> Answers:
        return self._given.get(self._identity(place), {})

    def _is_done(self, place: int) -> bool:
        return len(self._answers(place)) == len(self.mode.questions)


def _shown(answer: Answer) -> dict[str, Any]:
    """A button in the language spoken."""
    say = spoken().say
    return {"value": answer.value, "keys": answer.keys, "label": say(answer.label), "name": say(answer.name)}


def _given(rows: Sequence[Row], mode: Mode, tasks: Sequence[Task]) -> dict[Identity, Answers]:
    """What the file says, by what was shown, in the order of its first lines; of equal lines the last stands.

    Lines about a picture that was replaced since, as its digest tells, are passed over: it is asked about again.
    """
    shown = {task.identity(mode.identity): task for task in tasks}
    given: dict[Identity, Answers] = {}
    for row in rows:
        question = mode.questions[0].name if mode.question is None else attribute_code(row[mode.question])
        identity = tuple(row[name] for name in mode.identity)
        if row[mode.answer] in mode.known.get(question, ()) and not _replaced(row, shown.get(identity), mode):
            given.setdefault(identity, {})[question] = row[mode.answer]
    return given


def _replaced(row: Row, task: Task | None, mode: Mode) -> bool:
    if task is None:
        return False
    return any(row.get(name) and row[name] != task.cells[name] for name in mode.digests)


def _resumed(tasks: Sequence[Task], given: dict[Identity, Answers], mode: Mode) -> list[Task]:
    """Those done, in the order in which they were, then those begun, then the rest in the rater's order."""
    turn = {identity: place for place, identity in enumerate(given)}

    def key(task: Task) -> tuple[int, int]:
        identity = task.identity(mode.identity)
        answers = len(given.get(identity, ()))
        return (0 if answers == len(mode.questions) else 1 if answers else 2), turn.get(identity, 0)

    return sorted(tasks, key=key)
