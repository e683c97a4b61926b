"""A file is written whole, and replaces nothing by surprise."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import OutputError
from simulator.output.whole_file import by_ending, write_whole


def test_it_is_written_with_its_folders_and_one_line_break(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a" / "b.html", "µ\n\n", replace=False)
    assert path.read_bytes() == "µ\n".encode()
    assert list(path.parent.iterdir()) == [path]  # nothing beside it


def test_it_replaces_only_when_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("precious")
    with pytest.raises(OutputError, match=r"mine\.txt: exists already; name another file, or add"):
        write_whole(path, "new", replace=False)
    assert path.read_text() == "precious"
    write_whole(path, "new", replace=True)
    assert path.read_text() == "new\n"


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder; name a file"):
        write_whole(tmp_path, "x", replace=True)


def test_a_link_to_nowhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="exists already"):
        write_whole(tmp_path / "link", "x", replace=True)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "file/below"])
def test_what_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_whole(tmp_path / name, "x", replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_is_what_its_name_says() -> None:
    known = {".md": "markdown", ".html": "html"}
    assert by_ending("a.HTML", known, otherwise="markdown") == "html"
    assert by_ending("folder.d/statement", known, otherwise="markdown") == "markdown"
    with pytest.raises(OutputError, match=r"we do not write \.docx; name it \.md, \.html, or say"):
        by_ending("a.docx", known, otherwise="markdown")
