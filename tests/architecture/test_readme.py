"""What the README and the pages of the manual show is what the program prints.

Blocks marked ``<!-- real output, compared by a test -->`` are run line by line (``$ afcsim ...``)
in an empty folder and compared to the letter. After an intended change, ``make docs`` writes the
new output into the pages; read it before you commit it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AUDIT = ROOT / "docs" / "audit" / "README.md"
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    *(DOCS / f"{page}.md" for page in ("tutorial", "laboratory", "uncertainty")),
    AUDIT,
]
MARKED = re.compile(r"<!-- real output, compared by a test -->\n```console\n(.*?)```", re.DOTALL)
WIDTH = "118"
#: What the examples in R use: without R's graphics, hundreds of starts take a third less.
R_PACKAGES = "stats,utils"


def _run(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    assert program == "afcsim"
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "COLUMNS": WIDTH,
            "PYTHONPATH": str(ROOT),
            "R_DEFAULT_PACKAGES": R_PACKAGES,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode in (0, 1, 2), done.stderr
    # an error is part of what a reader sees; progress and the note on compiling are not
    shown = done.stdout + (done.stderr if done.returncode == 2 else "")
    return "\n".join(line.rstrip() for line in shown.splitlines()).strip("\n") + "\n"


def _replay(block: str, folder: Path) -> str:
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"$ {command}\n{_run(command, folder)}" for command in commands)


def _as_in_the_repository(folder: Path) -> None:
    """Put the example analyses where the page on the audit names them; they need R."""
    if shutil.which("Rscript") is None:
        missing = "Rscript is not installed"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    examples = AUDIT.parent / "examples"
    shutil.copytree(examples, folder / examples.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_console_blocks_are_real(page, tmp_path):
    if page == AUDIT:
        _as_in_the_repository(tmp_path)
    text = page.read_text(encoding="utf-8")
    blocks = MARKED.findall(text)
    assert blocks, f"{page.name} shows no output at all"
    replayed = [_replay(block, tmp_path) for block in blocks]
    if os.environ.get("AFCSIM_REWRITE_DOCS"):
        for block, real in zip(blocks, replayed, strict=True):
            text = text.replace(f"```console\n{block}```", f"```console\n{real}```", 1)
        page.write_text(text, encoding="utf-8")
        return
    assert replayed == blocks


def test_make_targets_of_the_readme_exist():
    named = set(re.findall(r"make ([a-z]+)\b", (ROOT / "README.md").read_text(encoding="utf-8")))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test", "verify"} <= named <= targets


def test_links_lead_somewhere():
    for page in [*PAGES, *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_python_example_of_the_readme_runs():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    subprocess.run([sys.executable, "-c", example], check=True, cwd=ROOT, capture_output=True)
