# The verbs of this repository; `just` lists them.

_default:
    @just --list

# install everything that the lock names
setup:
    uv sync
    uv run pre-commit install

# rebuild the study and its reports
repro:
    uv run dvc repro

# run the tests
test *arguments:
    uv run pytest {{arguments}}

# check style and types
lint:
    uv run ruff check
    uv run ruff format --check
    uv run mypy

# render the documents from the artifacts that are there
render:
    uv run dvc repro --single-item render

# which stages would run
stale:
    uv run rapporteur stale

# write dvc.yaml from what the stages declare
flow:
    uv run rapporteur flow

# how large the code is, and whether packages import each other in a circle
house:
    uv run python -m tests.house

# train the sample weights again, measure them and put them in place (about an hour on 2 cores)
sample:
    uv run dvc repro models/sample/dvc.yaml

# time the program against its peers
bench *arguments:
    uv run python -m benchmarks {{arguments}}
