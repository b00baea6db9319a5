"""LF line endings, as a pre-commit hook: CRLF makes DVC's stages rerun on Windows (dvc#4658).

python -m rapporteur.core.endings FILE...
"""

from __future__ import annotations

import sys
from pathlib import Path


def mend(paths: list[Path]) -> list[Path]:
    """Turn CRLF into LF; returns the files that were changed."""
    changed = []
    for path in paths:
        content = path.read_bytes()
        if b"\r\n" in content:
            path.write_bytes(content.replace(b"\r\n", b"\n"))
            changed.append(path)
    return changed


if __name__ == "__main__":
    mended = mend([Path(name) for name in sys.argv[1:]])
    for file in mended:
        print(f"{file}: CRLF line endings turned into LF")
    sys.exit(bool(mended))
