"""Stands for reference/draw.py: answers tokens that follow from the key, or fails as its model's folder is named."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path


def say(answer: object) -> None:
    print(json.dumps(answer), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path)
    parser.add_argument("--settings", type=json.loads)
    given = parser.parse_args()
    mood = given.model.name
    print("loading the weights", file=sys.stderr)
    if mood == "hangs":
        time.sleep(600)
    if mood == "dies":
        sys.exit("no flax_model.msgpack in the folder")
    if mood == "chatters":
        print("Welcome to dalle-mini!", flush=True)
    if mood == "lacks":
        say({"error": "the word list is missing"})
        sys.exit(1)
    say({"ready": True, "settings": given.settings} if mood != "early" else [1, 2])
    for line in sys.stdin:
        request = json.loads(line)
        if mood == "falls":
            sys.exit(3)
        if mood == "refuses":
            say({"error": f"can't draw {request['text']}"})
            continue
        count, codes = (3, 4) if mood == "short" else (4, 8)
        say([(sum(request["key"]) + place + len(request["text"])) % codes for place in range(count)])


if __name__ == "__main__":
    main()
