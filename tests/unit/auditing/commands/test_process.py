"""Commands are run in their folder, up to their limits, and leave no process."""

from __future__ import annotations

import os
import secrets
import shlex
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from simulator.auditing.commands import keeping
from simulator.auditing.commands.process import Limits, Processes, Stopped, run_process
from simulator.auditing.commands.strays import MARK, kill_marked
from tests.unit.auditing.commands.strays_by_name import alive, gone, wait_for

#: Python that sleeps for long, once it has made the file that it is told of.
_SLEEPS = "import sys, time; open(sys.argv[2], 'w'); time.sleep(600)"
#: The same in a daemon: two forks, a session of its own, our pipes still open.
_DAEMON = (
    "import os, sys, time\n"
    "if os.fork() == 0:\n"
    "    os.setsid()\n"
    "    if os.fork() == 0:\n"
    "        open(sys.argv[2], 'w')\n"
    "        time.sleep(600)\n"
    "    os._exit(0)\n"
)
#: What a command can do so that a child outlives it; it ends when the child is under way.
_UNDER_WAY = "while [ ! -e {begun} ]; do sleep 0.01; done"
ESCAPES = {
    "background": f"{{sleep}} & {_UNDER_WAY}",
    "session": f"setsid {{sleep}} & {_UNDER_WAY}",
    "session, no pipes": f"nohup setsid {{sleep}} >/dev/null 2>&1 </dev/null & {_UNDER_WAY}",
    "daemon that holds the pipes": f"{{daemon}}; {_UNDER_WAY}",
}
#: Without the mark, and out of the folder.
CLEAN_ESCAPES = {
    "no environment": f"cd /; env -i setsid {{sleep}} >/dev/null 2>&1 & {_UNDER_WAY}",
    "no environment, at once": "cd /; env -i setsid {sleep} >/dev/null 2>&1 &",
}


@pytest.fixture
def name() -> str:
    """A word by which the processes of a test can be found."""
    return f"stray-{secrets.token_hex(6)}"


def sleep(name: str, begun: Path | str = os.devnull) -> str:
    """Return a shell command that sleeps for ten minutes under a name."""
    return shlex.join([sys.executable, "-S", "-c", _SLEEPS, name, str(begun)])


def escape(script: str, name: str, begun: Path) -> list[str]:
    """Return the command of an escape."""
    daemon = shlex.join([sys.executable, "-S", "-c", _DAEMON, name, str(begun)])
    words = {"{sleep}": sleep(name, begun), "{daemon}": daemon, "{begun}": str(begun)}
    for word, meant in words.items():
        script = script.replace(word, meant)
    return ["sh", "-c", script]


def test_a_command_is_told_by_its_output_and_its_exit_status(tmp_path):
    ended = run_process(["sh", "-c", "echo out; echo err >&2; exit 7"], folder=tmp_path, timeout=20)
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, b"out\n", b"err\n")
    assert ended.reason is None


def test_a_command_runs_in_its_folder_without_input(tmp_path):
    script = f'pwd -P; echo $TMPDIR; echo $TMP; echo $TEMP; cat; test -n "${MARK}" && echo marked'
    ended = run_process(["sh", "-c", script], folder=tmp_path, timeout=20)
    folder = str(tmp_path)
    assert ended.stdout.decode().split() == [os.path.realpath(folder), *[folder] * 3, "marked"]


def test_a_command_can_be_interrupted_and_terminated_as_any_other(tmp_path):
    # the signals that the keeper does not heed are not ignored in what it starts
    for name in ("TERM", "INT", "HUP", "PIPE"):
        ended = run_process(["sh", "-c", f"kill -{name} $$"], folder=tmp_path, timeout=20)
        assert ended.returncode == -getattr(signal, f"SIG{name}")


def test_one_process_runs_many_commands(tmp_path):
    with Processes(tmp_path) as processes:
        parents = {
            processes.run(["sh", "-c", "echo $PPID"], folder=tmp_path).stdout for _ in range(5)
        }
    assert len(parents) == 1
    assert not psutil.pid_exists(int(parents.pop()))
    assert tmp_path.exists()


def test_what_is_printed_is_kept_up_to_the_limit(tmp_path):
    limits = Limits(seconds=20, printed=1 << 20)
    with Processes(tmp_path, limits=limits) as processes:
        enough = processes.run(["head", "-c", str(1 << 20), "/dev/zero"], folder=tmp_path)
        assert enough.stdout == bytes(1 << 20)
        assert enough.returncode == 0
        more = processes.run(["head", "-c", str((1 << 20) + 1), "/dev/zero"], folder=tmp_path)
        assert (more.returncode, more.reason) == (None, "printed too much")
        end = processes.run(
            ["sh", "-c", "seq 50000; seq 50000 >&2"], folder=tmp_path, all_printed=False
        )
        assert end.stdout.endswith(b"\n49999\n50000\n")
        assert end.stderr.endswith(b"\n49999\n50000\n")
        assert len(end.stdout) == len(end.stderr) == 4096


def test_no_file_grows_beyond_its_limit(tmp_path):
    limits = Limits(seconds=20, file=1 << 20)
    with Processes(tmp_path, limits=limits) as processes:
        # `exec`, for a shell would say of its child's signal what it likes
        argv = ["sh", "-c", "exec head -c 1000000000 /dev/zero > large"]
        ended = processes.run(argv, folder=tmp_path)
    assert ended.returncode == -signal.SIGXFSZ
    assert (tmp_path / "large").stat().st_size <= 1 << 20


@pytest.mark.parametrize("how", [*ESCAPES, *CLEAN_ESCAPES])
def test_what_a_command_leaves_is_ended(how, name, tmp_path):
    argv = escape((ESCAPES | CLEAN_ESCAPES)[how], name, tmp_path / "begun")
    before = time.monotonic()
    assert run_process(argv, folder=tmp_path, timeout=60).returncode == 0
    assert time.monotonic() - before < 30
    assert not alive(name)
    assert (tmp_path / "begun").exists() or "at once" in how


@pytest.mark.parametrize("how", ESCAPES)
def test_without_adoption_what_is_left_is_known_by_its_mark(how, name, tmp_path):
    argv = escape(ESCAPES[how], name, tmp_path / "begun")
    with Processes(tmp_path, limits=Limits(seconds=60), by_mark=True) as processes:
        assert processes.run(argv, folder=tmp_path).returncode == 0
    assert (tmp_path / "begun").exists()
    assert gone(name, within=5)


def test_a_command_that_takes_too_long_is_ended_with_its_children(name, tmp_path):
    script = f"trap '' TERM INT HUP; setsid {sleep(name)} & {sleep(name)}; sleep 600"
    begun = time.monotonic()
    ended = run_process(["sh", "-c", script], folder=tmp_path, timeout=0.5)
    assert (ended.returncode, ended.reason) == (None, "timed out")
    assert 0.5 <= time.monotonic() - begun < 10
    assert not alive(name)


def test_a_command_that_cannot_start(tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/there/is/no/such/interpreter\n")
    broken.chmod(0o755)
    ended = run_process([str(broken)], folder=tmp_path, timeout=5)
    assert (ended.reason, ended.detail) == ("could not start", "No such file or directory")


def test_a_command_that_kills_the_keeper_is_ended(name, tmp_path):
    with Processes(tmp_path, limits=Limits(seconds=60)) as processes:
        script = f"setsid {sleep(name)} & kill -9 $PPID; {sleep(name)}"
        ended = processes.run(["sh", "-c", script], folder=tmp_path)
        assert ended.reason == "keeper lost"
        assert gone(name, within=5)
        assert processes.run(["echo", "next"], folder=tmp_path).stdout == b"next\n"
        assert tmp_path.exists()


def test_a_keeper_that_is_halted_is_given_up(name, tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "GRACE", 0.5)
    with Processes(tmp_path, limits=Limits(seconds=0.5)) as processes:
        ended = processes.run(["sh", "-c", f"kill -STOP $PPID; {sleep(name)}"], folder=tmp_path)
        assert ended.reason == "keeper lost"
    assert gone(name, within=5)


def test_jobs_do_not_end_each_other(name, tmp_path):
    # the one that goes on has a child of its own session, as a parallel analysis may have
    patient = (
        f"setsid {sys.executable} -S -c 'import time; time.sleep(1.5); print(\"done\")' & wait"
    )
    for by_mark in (False, True):
        with (
            Processes(tmp_path, limits=Limits(seconds=30), by_mark=by_mark) as long,
            Processes(tmp_path, limits=Limits(seconds=0.3), by_mark=by_mark) as short,
            ThreadPoolExecutor(2) as pool,
        ):
            first = pool.submit(long.run, ["sh", "-c", patient], folder=tmp_path)
            while not first.done():
                script = f"setsid {sleep(name)} & {sleep(name)}"
                second = short.run(["sh", "-c", script], folder=tmp_path)
                assert second.reason == "timed out"
            assert first.result().stdout == b"done\n"
            assert gone(name, within=5)


def test_an_event_stops_the_commands_of_all_threads(name, tmp_path):
    stop = threading.Event()
    with (
        Processes(tmp_path, limits=Limits(seconds=60), stop=stop) as processes,
        ThreadPoolExecutor(2) as pool,
    ):
        runs = [
            pool.submit(
                processes.run,
                ["sh", "-c", f"setsid {sleep(name)} & touch {tmp_path}/{k}; {sleep(name)}"],
                folder=tmp_path,
            )
            for k in range(2)
        ]
        for k in range(2):
            wait_for(tmp_path / str(k))
        begun = time.monotonic()
        stop.set()
        for run in runs:
            with pytest.raises(Stopped):
                run.result()
        assert time.monotonic() - begun < 5
        assert not alive(name)
        with pytest.raises(Stopped):
            processes.run(["true"], folder=tmp_path)


def test_closing_stops_what_runs_in_other_threads(name, tmp_path):
    processes = Processes(tmp_path, limits=Limits(seconds=60))
    with ThreadPoolExecutor(1) as pool:
        script = f"touch {tmp_path}/begun; {sleep(name)}"
        run = pool.submit(processes.run, ["sh", "-c", script], folder=tmp_path)
        wait_for(tmp_path / "begun")
        processes.close()
        assert not alive(name)
        with pytest.raises(Stopped):
            run.result()


#: A program that audits a single command without end.
_AUDIT = """
import sys
from pathlib import Path
from simulator.auditing.commands.process import run_process

run_process(["sh", "-c", sys.argv[2]], folder=Path(sys.argv[1]), timeout=600)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_when_the_audit_is_ended_so_is_the_command(how, name, tmp_path):
    folder, begun = tmp_path / "run", tmp_path / "begun"
    folder.mkdir()
    script = f"setsid {sleep(name)} & touch {begun}; {sleep(name)}"
    argv = [sys.executable, "-c", _AUDIT, str(folder), script]
    with subprocess.Popen(argv, stderr=subprocess.PIPE) as audit:
        wait_for(begun)
        audit.send_signal(how)
        audit.communicate(timeout=20)
        assert audit.returncode == -how
    assert gone(name, within=5)
    if how != signal.SIGINT:  # then nobody else can remove it
        until = time.monotonic() + 5
        while folder.exists() and time.monotonic() < until:
            time.sleep(0.02)
        assert not folder.exists()


def test_marked_processes_are_found_among_all(name):
    token = secrets.token_hex(8)
    environment = os.environ | {MARK: token}
    argv = [sys.executable, "-S", "-c", _SLEEPS, name, os.devnull]
    with (
        subprocess.Popen(argv, env=environment, start_new_session=True) as marked,
        subprocess.Popen(argv, env=os.environ | {MARK: "other"}) as other,
    ):
        kill_marked(token)
        assert marked.wait(5) == -signal.SIGKILL
        assert other.poll() is None
        other.kill()
