"""Commands that go wrong in every way: the audit ends in time, says what happened, and goes on."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import stat
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator import load_scenario
from simulator.auditing.commands.command import Command
from simulator.auditing.commands.process import Limits, Stopped
from simulator.errors import OutputError
from simulator.trial.cohort.studies import Studies
from tests.unit.auditing.commands.strays_by_name import alive, gone, wait_for

SCENARIO = load_scenario("quick-start")
(ASKED,) = SCENARIO.analysis.comparisons
#: What all scripts start with; `answer` writes a right result.
HEAD = f"""
import os, shutil, signal, subprocess, sys, time
data, result = sys.argv[1:3]
row = "{ASKED.endpoint},{ASKED.treated},{ASKED.control},"
def answer(p="0.04", header="endpoint,treated,control,p_value"):
    with open(result, "w") as stream:
        stream.write(header + chr(10) + row + p + chr(10))
def write(text):
    with open(result, "w") as stream:
        stream.write(text)
"""

#: What a script does, how the run fails, and what is said of it.
FAILURES = {
    "hangs": ("time.sleep(600)", "timed out", r"^ran longer than 1.5 s and was stopped$"),
    "will not hear of it": (
        "for one in (2, 15, 1): signal.signal(one, signal.SIG_IGN)\nwhile True: pass",
        "timed out",
        "^ran longer than 1.5 s",
    ),
    "hangs after its result": ("answer(); time.sleep(600)", "timed out", "^ran longer than 1.5 s"),
    "halts itself": ("os.kill(os.getpid(), signal.SIGSTOP)", "timed out", "^ran longer than 1.5 s"),
    "fails": ("sys.exit('no such column')", "crashed", "^exit status 1: no such column$"),
    "fails after its result": ("answer(); sys.exit(3)", "crashed", "^exit status 3$"),
    "raises": ("{}['p']", "crashed", "^exit status 1: KeyError: 'p'$"),
    "speaks to the terminal": (
        r"sys.exit('\x1b[2J\x07gone')",
        "crashed",
        r"^exit status 1:  \[2J gone$",
    ),
    "is killed": ("os.kill(os.getpid(), 11)", "crashed", "^was ended by the signal SIGSEGV$"),
    "prints a gigabyte": (
        "for _ in range(20_000): print('x' * 50_000)",
        "printed too much",
        "^printed more than 4 MiB and was stopped: x+$",
    ),
    "complains for a gigabyte": (
        "for _ in range(20_000): sys.stderr.write('y' * 50_000)",
        "printed too much",
        "^printed more than 4 MiB and was stopped: y+$",
    ),
    "writes a gigabyte": (
        "with open(result, 'wb') as f:\n    for _ in range(1000): f.write(bytes(1_000_000))",
        "crashed",
        r"^exit status 1: OSError: \[Errno 27\] File too large$",
    ),
    "writes a gigabyte and dies of it": (
        "signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "os.execlp('sh', 'sh', '-c', 'exec head -c 1000000000 /dev/zero > large')",
        "crashed",
        "^wrote a file larger than 12 MiB and was stopped$",
    ),
    "writes nine megabytes": (
        "write('x' * 9_000_000)",
        "unreadable result",
        "^{result}: is larger than 8 MiB$",
    ),
    "writes many rows": (
        "write('endpoint,treated,control,p_value\\n' + (row + '0.04\\n') * 100_000)",
        "wrong result",
        "^{result}: rows: are 100,000, and the plan has 1 comparison$",
    ),
    "writes nothing": ("", "no result", "^nothing was written to {result}$"),
    "prints its result": (
        "print(row + '0.04')",
        "no result",
        "^nothing was written to {result}; it said: .*,0.04$",
    ),
    "writes an empty file": ("write('')", "no result", "^{result} is empty$"),
    "writes blanks": ("write(' \\n \\n')", "unreadable result", "^{result}: is empty; a CSV table"),
    "writes noise": (
        "open(result, 'wb').write(bytes(range(255, 0, -1)))",
        "unreadable result",
        r"^{result}: is not UTF-8 text \(byte 1\)",
    ),
    "writes zeros": (
        "open(result, 'wb').write(bytes(1000))",
        "unreadable result",
        "^{result}: is not a text",
    ),
    "writes prose": ("write('It is true')", "unreadable result", 'starts "It is true"'),
    "writes half of JSON": ("write('[{')", "unreadable result", "^{result}: is not JSON"),
    "writes deep JSON": ("write('[' * 100_000)", "unreadable result", "^{result}: is not JSON"),
    "names its columns otherwise": (
        "answer(header='endpoint,treated,control,p.value')",
        "wrong result",
        '^{result}: p_value: column is missing; did you mean "p.value"',
    ),
    "writes a word for p": ("answer('<0.05')", "wrong result", 'row 1: "<0.05" is not a number'),
    "has a p of 1.5": ("answer('1.5')", "wrong result", "1.5 is not between 0 and 1"),
    "compares with a stranger": (
        f"row = row.replace('{ASKED.control}', 'Placebo'); answer()",
        "wrong result",
        'control: row 1: "Placebo" is not in the plan',
    ),
    "deletes its folder": (
        "shutil.rmtree(os.path.dirname(data))",
        "no result",
        "^nothing was written to {result}$",
    ),
    "deletes all folders": (
        "shutil.rmtree(os.path.dirname(os.path.dirname(data)))",
        "no result",
        "^nothing was written to {result}$",
    ),
    "closes all folders": (
        "answer(); os.chmod(os.path.dirname(os.path.dirname(data)), 0); sys.exit(1)",
        "crashed",
        "^exit status 1$",
    ),
    "puts a link for its folder": (
        "here = os.path.dirname(data); shutil.rmtree(here)\n"
        "os.symlink(os.path.dirname(sys.argv[0]), here)",
        "no result",
        "^nothing was written to {result}$",
    ),
    "makes its result a folder": ("os.mkdir(result)", "unreadable result", "^{result} is a folder"),
    "links its result to zeros": (
        "os.symlink('/dev/zero', result)",
        "unreadable result",
        "^{result} cannot be read: a link$",
    ),
    "makes its result a pipe": (
        "os.mkfifo(result)",
        "unreadable result",
        "^{result} is no ordinary file$",
    ),
    "kills its keeper": (
        "os.kill(os.getppid(), 9); time.sleep(600)",
        "crashed",
        "^killed or stopped the process that looks after it$",
    ),
}

#: What a script may do and be right.
HARMLESS = {
    "takes away what it was given": "os.remove(data); answer()",
    "closes its output": "os.close(1); os.close(2); answer()",
    "reads its input": "assert sys.stdin.read() == ''; answer()",
    "leaves folders that cannot be entered": (
        "answer()\nos.makedirs('a/b/c'); open('a/b/c/d', 'w').close()\n"
        "for one in ('a/b/c/d', 'a/b/c', 'a/b', 'a'): os.chmod(one, 0)"
    ),
    "leaves links to other places": (
        "answer(); os.symlink('/', 'root'); os.symlink(os.path.dirname(sys.argv[0]), 'source')"
    ),
    "prints a bit": "print('p' * 100_000); sys.stderr.write('q' * 100_000); answer()",
}

#: Ways in which a child outlives a script that is right; it makes the file `begun`.
CHILD = (
    "open(begun, 'w').close(); os.execl(sys.executable, sys.executable, '-S', '-c', "
    "'import time; time.sleep(600)', name)"
)
LEFT = {
    "a fork": f"if os.fork() == 0: {CHILD}",
    "a session": f"if os.fork() == 0: os.setsid(); {CHILD}",
    "a daemon": (
        "if os.fork() == 0:\n    os.setsid()\n"
        f"    if os.fork() == 0: os.chdir('/'); {CHILD}\n    os._exit(0)"
    ),
    "a silent daemon": (
        "if os.fork() == 0:\n    os.setsid(); os.closerange(0, 3); os.environ.clear()\n"
        f"    if os.fork() == 0: os.chdir('/'); {CHILD}\n    os._exit(0)"
    ),
    "one that prints on": (
        "if os.fork() == 0:\n    open(begun, 'w').close()\n"
        "    while True: os.write(1, b'still here\\n'); time.sleep(0.001)"
    ),
}


@pytest.fixture(scope="module")
def data():
    observations, column = Studies(SCENARIO, n=5).of(0)
    return observations.frame(column)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Return the folder in which the folders of runs are made; at the end it is empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def audited(tmp_path, root):  # noqa: ARG001 (the folders of runs are in it)
    """Return what makes commands of scripts; the scripts' folder must stay as it is."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "precious").write_text("not to be touched")
    made: list[Command] = []

    def make(body: str, *, timeout: float = 30.0) -> Command:
        script = source / f"analysis-{len(made)}.py"
        script.write_text(f"{HEAD}\n{body}\n")
        text = f"{shlex.quote(sys.executable)} -S {script.name} {{data}} {{result}}"
        limits = Limits(printed=4 << 20, file=12 << 20)
        made.append(Command(text, scenario=SCENARIO, timeout=timeout, limits=limits, folder=source))
        return made[-1]

    yield make
    for one in made:
        one.close()
    scripts = {f"analysis-{k}.py" for k in range(len(made))}
    assert {path.name for path in source.iterdir()} == {"precious", *scripts}
    assert (source / "precious").read_text() == "not to be touched"


def is_empty(root) -> bool:
    """Return whether runs have left nothing but empty folders."""
    return not any(files for _, _, files in os.walk(root)) and len(list(root.glob("*/*/*"))) == 0


@pytest.mark.parametrize("what", FAILURES)
def test_a_command_fails_and_the_next_run_is_made(what, audited, data, tmp_path):
    body, failure, message = FAILURES[what]
    second = f"if os.path.exists({str(tmp_path / 'second')!r}): answer(); sys.exit()"
    command = audited(f"{second}\n{body}", timeout=1.5 if failure == "timed out" else 30.0)
    begun = time.monotonic()
    outcome = command(data)
    assert time.monotonic() - begun < 20
    assert outcome.claims is None
    assert (outcome.failure, outcome.message) == (failure, outcome.message)
    assert re.search(message, outcome.message), outcome.message
    assert len(outcome.message) <= 500
    assert outcome.message.isprintable()
    (tmp_path / "second").touch()
    assert command(data).claims.p_value.tolist() == [0.04]


@pytest.mark.parametrize("what", HARMLESS)
def test_a_command_that_has_a_result_is_heard(what, audited, data, root):
    command = audited(HARMLESS[what])
    outcome = command(data)
    assert (outcome.failure, outcome.message) == (None, "")
    assert outcome.claims.p_value.tolist() == [0.04]
    assert is_empty(root)


def test_a_result_in_a_folder_that_cannot_be_entered(audited, data, root):
    outcome = audited("answer(); os.chmod(os.path.dirname(data), 0)")(data)
    # it can, by the superuser
    assert outcome.failure in (None, "unreadable result")
    assert outcome.message in ("", "{result} cannot be read: Permission denied")
    assert is_empty(root)


def test_a_folder_is_for_its_user_only(audited, data, root):
    assert audited("assert os.stat('.').st_mode & 0o77 == 0; answer()")(data).failure is None
    (folder,) = root.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_folders_too_deep_for_us_are_removed(audited, data, root, monkeypatch):
    def too_deep(path):
        raise RecursionError(path)

    # as with a thousand levels, which take long on some file systems
    monkeypatch.setattr(shutil, "rmtree", too_deep)
    levels = "for _ in range(50): os.mkdir('deeper'); os.chdir('deeper')"
    assert audited(f"answer()\n{levels}\nos.chmod('..', 0)")(data).failure is None
    assert is_empty(root)


def test_a_run_finds_nothing_of_the_run_before_it(audited, data, tmp_path):
    seen = tmp_path / "seen"
    leave = "os.makedirs('a/b'); open('a/c', 'w').close(); os.symlink('/', 'root'); os.mkfifo('p')"
    look = f"with open({str(seen)!r}, 'a') as seen: print(*os.listdir('.'), file=seen)"
    command = audited(f"{look}\n{leave}; answer()")
    for _ in range(3):
        assert command(data).failure is None
    assert seen.read_text().splitlines() == ["data.csv"] * 3


@pytest.mark.parametrize("what", LEFT)
def test_no_child_outlives_a_run(what, audited, data, tmp_path):
    name, begun = f"stray-{secrets.token_hex(6)}", tmp_path / "begun"
    until = "while not os.path.exists(begun): time.sleep(0.01)"
    names = f"begun, name = {str(begun)!r}, {name!r}"
    # a child of the first kinds is also known by the name of its script
    command = audited(f"{names}\n{LEFT[what]}\n{until}\nanswer()")
    before = time.monotonic()
    assert command(data).failure is None
    assert time.monotonic() - before < 20
    assert begun.exists()
    assert not alive(name)
    assert not alive(str(tmp_path / "source"))


def test_of_two_jobs_one_takes_too_long(audited, data):
    names = [f"stray-{secrets.token_hex(6)}" for _ in range(2)]
    lines = "if os.fork() == 0: os.setsid(); begun, name = os.devnull, {name!r}; {child}\n{then}"
    hangs = audited(lines.format(name=names[0], child=CHILD, then="time.sleep(600)"), timeout=0.7)
    child = "pid = subprocess.Popen(['sleep', '0.5'], start_new_session=True); "
    works = audited(f"{child}assert pid.wait() == 0; answer()")
    with ThreadPoolExecutor(2) as pool:
        slow = [pool.submit(hangs, data) for _ in range(3)]
        quick = [pool.submit(works, data) for _ in range(3)]
        assert [one.result().failure for one in slow] == ["timed out"] * 3
        assert [one.result().failure for one in quick] == [None] * 3
    assert not alive(names[0])


def test_a_stopped_audit_says_nothing_of_the_runs_under_way(audited, data, tmp_path):
    name = f"stray-{secrets.token_hex(6)}"
    child = f"begun, name = {str(tmp_path / 'begun')!r}, {name!r}\n{CHILD}"
    command = audited(f"if os.fork() == 0: os.setsid()\n{child}")
    stopper = threading.Thread(target=lambda: (wait_for(tmp_path / "begun"), command.stop()))
    stopper.start()
    begun = time.monotonic()
    with pytest.raises(Stopped):
        command(data)
    assert time.monotonic() - begun < 20
    stopper.join()
    assert gone(name, within=5)
    with pytest.raises(Stopped):
        command(data)


@pytest.mark.usefixtures("root")
def test_a_program_that_vanishes(data, tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    with Command(f"{program} {{data}}", scenario=SCENARIO) as command:
        program.unlink()
        outcome = command(data)
    assert outcome.failure == "could not start"
    assert outcome.message == "could not start: No such file or directory"


def test_an_audit_without_room_for_its_tables_ends(audited, data, root):
    command = audited("answer()")
    (folder,) = root.iterdir()
    folder.rmdir()
    folder.write_text("not a folder")
    with pytest.raises(OutputError, match=r"cannot write .*; TMPDIR says where"):
        command(data)
    assert os.path.lexists(folder)
