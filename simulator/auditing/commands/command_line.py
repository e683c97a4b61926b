"""Reading a command line: its words, its placeholders, its program, the files that it names."""

from __future__ import annotations

import difflib
import hashlib
import itertools
import os
import re
import shlex
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.errors import InputError, Problem

#: What stands for a file in the folder of a run, and the file's name there.
PLACEHOLDERS: Final = {"{data}": "data.csv", "{result}": "result.csv", "{plan}": "plan.csv"}
_PLACEHOLDER: Final = re.compile(r"\{[A-Za-z_]+\}")
#: Words in braces that are meant as one of ours.
_MEANT: Final = {
    "{data}": ("in", "input", "infile", "csv", "dataset", "observations", "file"),
    "{result}": ("out", "output", "outfile", "res"),
    "{plan}": ("comparisons", "design", "scenario"),
}
_LIKENESS: Final = 0.6
#: Words among which files are sought that were split.
_MOST_SPLIT: Final = 30
_PARTS: Final = re.compile(r"[\s=;'\"]+")
_SHELL: Final = frozenset({"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1", "&>"})
_INTERPRETERS: Final = {".r": "Rscript", ".py": "python", ".jl": "julia", ".sh": "sh"}


@dataclass(frozen=True)
class CommandLine:
    """A command line that can be run.

    Attributes
    ----------
    text : as it was typed.
    argv : words, the program and the files named by absolute paths, placeholders as they are.
    placeholders : those that the words have.
    fingerprint : digest of the words as typed and of what is in the files that they name, also
        within a word (``--script=a.R``, ``sh -c 'Rscript a.R ...'``).
    """

    text: str
    argv: tuple[str, ...]
    placeholders: frozenset[str]
    fingerprint: str

    def filled(self, folder: Path) -> list[str]:
        """Return the words with the files of a run's folder in place of the placeholders."""
        words = list(self.argv)
        for one in self.placeholders:
            path = str(folder / PLACEHOLDERS[one])
            words = [word.replace(one, path) for word in words]
        return words


def read_command_line(text: str, *, folder: Path) -> CommandLine:
    """Return a command line as it can be run from any folder.

    It is split as a POSIX shell does, and then no shell reads it. A word that names a file of the
    caller's folder becomes an absolute path; so does a folder if the word has a slash. Names in
    braces are placeholders only if they are, or are nearly, one of ours, or are a whole word:
    ``{print $1}``, ``{x}`` and, with blanks, ``{ data }`` are code and stay as they are.

    Parameters
    ----------
    folder : the caller's.

    Raises
    ------
    InputError : the command cannot be run; with all that is wrong with it.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InputError("command", [Problem("quotes", f"{error}: {text}")]) from None
    if not words:
        raise InputError("command", [Problem("program", "is missing: the command is empty")])
    problems = [*_shell_problems(words), *_placeholder_problems(words)]
    problems += _blank_problems(words, folder)
    program = _program(words[0], folder, problems)
    files = {word: path for word in words[1:] if (path := _file(word, folder)) is not None}
    digest = hashlib.sha256()
    for word in words:
        digest.update(f"{len(word)}:".encode() + os.fsencode(word))
    named = [program] if os.sep in words[0] else []
    for path in [*named, *_named(words[1:], folder)]:
        try:
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        except OSError as error:
            if not problems:
                problems.append(Problem(str(path), f"cannot be read: {error.strerror or error}"))
    if problems:
        raise InputError("command", problems)
    argv = (str(program), *(str(files.get(word, word)) for word in words[1:]))
    used = frozenset(one for one in PLACEHOLDERS if any(one in word for word in words))
    return CommandLine(text, argv, used, digest.hexdigest())


def _shell_problems(words: Sequence[str]) -> list[Problem]:
    found = [word for word in words if word in _SHELL]
    if not found:
        return []
    what = "leave it out: what the command prints is the result where it does not name {result}"
    if found[0] not in (">", ">>"):
        what = "put such a line into a script"
    return [Problem(found[0], f"is for a shell, and none reads the command; {what}")]


def _placeholder_problems(words: Sequence[str]) -> list[Problem]:
    problems, meant = [], set[str]()
    for one in dict.fromkeys(found for word in words for found in _PLACEHOLDER.findall(word)):
        near = _near(one)
        if one not in PLACEHOLDERS and (near or (one in words and len(one) > len("{x}"))):
            meant.add(near)
            hint = f"; did you mean {near}?" if near else "."
            text = f"is not known{hint} Allowed: {', '.join(PLACEHOLDERS)}"
            problems.append(Problem(one, f"{text}. If it is code, put blanks inside the braces"))
    if "{data}" not in meant and not any("{data}" in word for word in words):
        text = "is missing: put it where the command takes the path of the CSV file to read"
        problems.append(Problem("{data}", text))
    return problems


def _blank_problems(words: Sequence[str], folder: Path) -> Iterator[Problem]:
    """Give the files that were split at their blanks."""
    for start, end in itertools.combinations(range(min(len(words), _MOST_SPLIT) + 1), 2):
        parts = words[start:end]
        whole = " ".join(parts)
        if _file(whole, folder) and not all(_file(one, folder) for one in parts):
            yield Problem(whole, f"has blanks: write {shlex.quote(whole)}")


def _near(placeholder: str) -> str:
    name = placeholder.strip("{}").casefold()
    for known, synonyms in _MEANT.items():
        if name in synonyms:
            return known
    names = [known.strip("{}") for known in PLACEHOLDERS]
    near = difflib.get_close_matches(name, names, n=1, cutoff=_LIKENESS)
    return f"{{{near[0]}}}" if near else ""


def _program(word: str, folder: Path, problems: list[Problem]) -> Path:
    word = os.path.expanduser(word)
    if os.sep in word:
        path = Path(os.path.abspath(folder / word))
        if path.is_file() and os.access(path, os.X_OK):
            return path
        said = "is not a program that may be run" if path.exists() else "does not exist"
    else:
        found = shutil.which(word)
        path = folder / (found or word)
        if found is not None:
            return Path(os.path.abspath(path))
        said = "is not a program on the PATH"
    problems.append(Problem(word, f"{said}; {_what_to_do(word, path)}"))
    return path


def _what_to_do(word: str, path: Path) -> str:
    interpreter = _INTERPRETERS.get(path.suffix.casefold())
    quoted = shlex.quote(word)
    if path.is_file() and interpreter is not None:
        return f'write "{interpreter} {quoted} ..."'
    if re.fullmatch(r"\w+=.*", word):
        return f'write "env {quoted} ..."'
    if path.is_file():
        return f'write "{shlex.quote(os.path.join(".", word))}", and make it executable (chmod +x)'
    return "install it, or name it by its full path"


def _file(word: str, folder: Path) -> Path | None:
    if word.startswith("-") or not word or _PLACEHOLDER.search(word) is not None:
        return None
    path = Path(os.path.abspath(folder / os.path.expanduser(word)))
    try:
        if path.is_file() or (os.sep in word and path.is_dir()):
            return path
    except (OSError, ValueError):  # far too long for a path: it is code
        pass
    return None


def _named(words: Sequence[str], folder: Path) -> Iterator[Path]:
    """Give the files that words, or parts of them, name."""
    for word in words:
        parts = [word, *_PARTS.split(word)] if _PARTS.search(word) else [word]
        for part in parts:
            path = _file(part, folder)
            if path is not None and path.is_file():
                yield path
