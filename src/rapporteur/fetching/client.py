"""Asking a server politely: one pace for all threads, patience with what passes, none with what does not."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import requests
import urllib3

from rapporteur.fetching.manners import GROWTH, Manners

T = TypeVar("T")
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})  # statuses of a server that may answer better later


class NotFetched(Exception):
    """A file can't be had; the message says why, in a few words."""


class TryAgain(Exception):
    """A failure that may pass. `after`: the seconds that the server asks for."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Stopped(Exception):
    """The whole fetch is being stopped."""


class Client:
    """What all threads share: the connections, the pace and the wish to stop."""

    def __init__(self, manners: Manners | None = None) -> None:
        self.manners = manners or Manners()
        self.stop = threading.Event()
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "rapporteur (a study's data, fetched once)"
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=self.manners.workers)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._lock = threading.Lock()
        self._next = 0.0  # on the monotonic clock: before it nobody asks

    def get(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """The answer, its body unread. Raises NotFetched or TryAgain for a status that is no success."""
        self._wait_turn()
        timeout = (self.manners.connect, self.manners.silence)
        # Compression is declined: a length and a range then speak of the file's own bytes.
        sent = {"Accept-Encoding": "identity", **headers}
        response = self._session.get(url, headers=sent, stream=True, timeout=timeout)
        if response.status_code in (200, 206, 416):
            return response
        with response:
            reason = f"the server answers {response.status_code} {response.reason}".rstrip()
            if response.status_code in PASSING:
                raise TryAgain(reason, asked_rest(response))
            raise NotFetched(reason)

    def persist(self, action: Callable[[], T], gained: Callable[[], int] = lambda: 0) -> T:
        """The action's result, tried until it has failed `attempts` times without a gain (in bytes).

        Raises NotFetched with the last reason, and Stopped.
        """
        failures, best = 0, gained()
        while True:
            try:
                return action()
            except TryAgain as error:
                reason, after = str(error), error.after
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                reason, after = in_plain_words(error), None
            failures = failures + 1 if gained() < best + GROWTH else 1
            best = max(best, gained())
            if failures >= self.manners.attempts:
                raise NotFetched(f"{reason} ({failures} attempts)")
            self._rest(reason, failures, after)

    def _rest(self, reason: str, failures: int, after: float | None) -> None:
        """Twice as long each time, by a random half of it; all threads rest when the server says how long."""
        if after is None:
            longest = min(self.manners.longest, self.manners.base * 2 ** (failures - 1))
            self._sleep(longest * random.uniform(0.5, 1))
        elif after > self.manners.longest_asked:
            raise NotFetched(f"{reason}, and asks to be left alone for {after:.0f} s")
        else:
            with self._lock:
                self._next = max(self._next, time.monotonic() + after)

    def _wait_turn(self) -> None:
        with self._lock:
            turn = max(time.monotonic(), self._next)
            self._next = turn + 1 / self.manners.per_second
        self._sleep(turn - time.monotonic())

    def _sleep(self, seconds: float) -> None:
        if self.stop.wait(max(0.0, seconds)):
            raise Stopped


def asked_rest(response: requests.Response) -> float | None:
    """The seconds of Retry-After, which is a number or a date; None where it is neither."""
    try:
        header = response.headers.get("Retry-After")
        return None if header is None else urllib3.Retry().parse_retry_after(header)
    except urllib3.exceptions.InvalidHeader:
        return None


def in_plain_words(error: Exception) -> str:
    """What a person would say of a failed connection; the library's own words hold objects and addresses."""
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "the server fell silent"
    if isinstance(error, requests.exceptions.SSLError):
        return f"no secure connection ({_innermost(error)})"
    if isinstance(error, requests.ConnectionError):
        return f"no connection ({_innermost(error)})"
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "the connection broke off"
    return f"{type(error).__name__}: {error}"


def _innermost(error: BaseException) -> str:
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return str(error) or type(error).__name__
