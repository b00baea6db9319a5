from pathlib import Path

from rapporteur.dalle.compiled import processor


def test_processors_with_other_instructions_have_other_names(tmp_path: Path) -> None:
    description = tmp_path / "cpuinfo"
    names = set()
    for flags in ("avx2", "avx2 avx512f"):
        description.write_text(f"model name\t: A\nflags\t\t: {flags}\ncpu MHz\t\t: 2000.1\n")
        names.add(processor(description))
    assert len(names) == 2


def test_what_changes_from_minute_to_minute_does_not_change_the_name(tmp_path: Path) -> None:
    description = tmp_path / "cpuinfo"
    names = set()
    for speed, cores in (("2000.1", 1), ("3100.7", 2)):
        core = f"model name\t: A\nflags\t\t: avx2\ncpu MHz\t\t: {speed}\n"
        description.write_text(core * cores)
        names.add(processor(description))
    assert len(names) == 1


def test_a_system_without_that_file_has_a_name_too(tmp_path: Path) -> None:
    assert len(processor(tmp_path / "absent")) == 12
