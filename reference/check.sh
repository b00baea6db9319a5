#!/usr/bin/env bash
# Redo the parity fixtures in the locked environments and compare them with the committed ones: bash reference/check.sh
#
# Fails when anything differs. When an environment can't be installed any more (PyPI does lose old wheels), that is
# said loudly and does not fail: the committed fixtures and the tests that read them stay what they are.
# About four minutes on two CPU cores, installation included.
set -uo pipefail
cd "$(dirname "$0")/.."

different=0

redo() { # redo <project> <script>...
    local project=$1
    shift
    if ! uv sync --quiet --frozen --project "$project"; then
        printf '\n%s\n' "################ NOT CHECKED ################" \
            "$project can't be installed from its lock any more; not redone: $*" \
            "The fixtures that are committed still hold the tests, but nobody can make them again from here." \
            "See “When a wheel is gone” in reference/README.md." \
            "#############################################" >&2
        return
    fi
    for script in "$@"; do
        uv run --quiet --no-sync --project "$project" python -W ignore "reference/$script" --check || different=1
    done
}

redo reference make_dalle_fixtures.py make_text_fixtures.py
redo reference/pytorch make_vqgan_fixtures.py
exit $different
