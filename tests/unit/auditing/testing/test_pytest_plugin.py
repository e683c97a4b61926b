"""The mark, the fixtures and their errors, in pytest runs of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from simulator import load_scenario, simulate_cohort
from simulator.auditing.testing.pytest_plugin import SimulatedStudy

ROOT = Path(__file__).parents[4]


def run(folder, text="", *options, name="test_one.py"):
    """Run pytest on one file; return its exit status and what it printed."""
    (folder / name).write_text(dedent(text), encoding="utf-8")
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_"))
    }
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += ["--strict-markers", "-W", "error", "-v", *options, name]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert not done.stderr
    return done.returncode, done.stdout


def test_pytest_starts_without_anything_heavy(tmp_path):
    """The plugin is loaded by every pytest of whoever has the program installed."""
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n", encoding="utf-8")
    text = """
        import os
        import sys
        import pytest
        # by its entry point, without the plugins of others
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        status = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "afcsim"])
        assert status == 0
        assert "simulator.auditing.testing.pytest_plugin" in sys.modules
        ours = {name for name in sys.modules if name.split(".")[0] == "simulator"}
        others = "numpy", "scipy", "pandas", "numba", "pydantic", "ruamel", "simpy", "matplotlib"
        print("loaded:", sorted(ours), [name for name in others if name in sys.modules])
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(text)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rooms = ["simulator", "simulator.auditing", "simulator.auditing.testing"]
    assert f"loaded: {[*rooms, 'simulator.auditing.testing.pytest_plugin']} []" in done.stdout


def test_one_test_per_replicate_with_what_is_true(tmp_path):
    text = (ROOT / "scenarios" / "quick-start.yaml").read_text(encoding="utf-8")
    text = text.replace("id: quick-start", "id: own").rstrip()
    text += "\n  worlds: {strong: {truth.afc.response.drug: 6}}\n"
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    status, said = run(
        tmp_path,
        """
        import pytest

        from simulator import simulate_cohort

        @pytest.mark.afcsim("quick-start", replicates=3, n=4)
        def test_study(afcsim_cohort, afcsim_scenario):
            assert afcsim_cohort.scenario == afcsim_scenario
            assert list(afcsim_cohort.observations["arm"].value_counts()) == [4, 4]
            folds = afcsim_cohort.truth["endpoints"]["afc"]["arms"]
            assert folds["drug"]["fold_over_control"] == pytest.approx(3)
            again = simulate_cohort(afcsim_scenario, n=4, replicate=afcsim_cohort.replicate)
            assert again.observations.equals(afcsim_cohort.observations)

        @pytest.mark.afcsim("quick-start", replicates=2, null=True, seed=5)
        class TestNothing:
            def test_null(self, afcsim_cohort):
                folds = afcsim_cohort.truth["endpoints"]["afc"]["arms"]
                assert folds["drug"]["fold_over_control"] == 1
                assert afcsim_cohort.scenario.seed == 5

            def test_other(self):
                pass

        @pytest.mark.afcsim("own.yaml", world="strong", replicates=1)
        def test_own_file(afcsim_cohort, afcsim_scenario):
            assert afcsim_scenario.id == "own"
            folds = afcsim_cohort.truth["endpoints"]["afc"]["arms"]
            assert folds["drug"]["fold_over_control"] == pytest.approx(6)

        @pytest.mark.afcsim("quick-start", replicates=1)
        def test_late(request):
            assert request.getfixturevalue("afcsim_scenario").id == "quick-start"

        @pytest.mark.afcsim("quick-start", replicates=1)
        def test_too_late(request):
            request.getfixturevalue("afcsim_cohort")

        def test_bystander():
            pass
        """,
    )
    assert status == 1, said
    for number in range(3):
        assert f"test_study[replicate{number}] PASSED" in said
    for number in range(2):
        assert f"TestNothing::test_null[replicate{number}] PASSED" in said
    assert "TestNothing::test_other PASSED" in said
    assert "1 failed, 9 passed" in said
    assert re.search(r"test_too_late - Failed: name afcsim_cohort among the arguments", said)


def test_a_single_study_has_the_same_animals(tmp_path):
    text = """
        import pytest

        @pytest.mark.afcsim("quick-start", replicates=600, n=2)
        def test_study(afcsim_cohort):
            print("values", afcsim_cohort.observations["value"].tolist())
        """
    status, said = run(tmp_path, text, "-s", "-k", "replicate599 or replicate0]")
    assert status == 0, said
    known = [
        simulate_cohort(load_scenario("quick-start"), n=2, replicate=one).observations["value"]
        for one in (0, 599)
    ]
    assert [str(one.tolist()) for one in known] == re.findall(r"values (\[.*?\])", said)


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ("", 'afcsim_cohort needs the mark that names the scenario: @pytest.mark.afcsim("quick'),
        ("@pytest.mark.afcsim", "give one scenario, a path or a name"),
        ("@pytest.mark.afcsim('quick-start', 3)", "give one scenario, a path or a name"),
        ("@pytest.mark.afcsim('quickstart')", 'did you mean "quick-start"?'),
        ("@pytest.mark.afcsim('quick-start', world='x')", "x"),
        ("@pytest.mark.afcsim('quick-start', replicate=3)", "did you mean replicates?"),
        ("@pytest.mark.afcsim('quick-start', size=3)", "unknown keyword size: allowed: replicates"),
        (
            "@pytest.mark.afcsim('quick-start', replicates=0, n=1.5, seed=-1, null=1, world=2)",
            "replicates=0: must be a whole number from 1; n=1.5: must be a whole number from 1; "
            "seed=-1: must be a whole number from 0; null=1: must be True or False; world=2: must",
        ),
        ("@pytest.mark.afcsim('quick-start', replicates=99999)", "at most 10000 tests are made"),
    ],
)
def test_wrong_use_is_told_at_collection_in_a_few_lines(tmp_path, mark, message):
    text = f"import pytest\n\n{mark}\ndef test_study(afcsim_cohort):\n    pass\n"
    (tmp_path / "test_fine.py").write_text("def test_fine(): pass\n", encoding="utf-8")
    status, said = run(tmp_path, text)
    assert status == 2, said
    assert "test_one.py::test_study: " in said
    assert message in re.sub(r"\s+", " ", said)
    assert "Traceback" not in said
    assert "pytest_plugin.py" not in said
    assert len(said.splitlines()) < 25


def test_mark_is_listed(tmp_path):
    _, said = run(tmp_path, "", "--markers")
    assert "@pytest.mark.afcsim(scenario, *, replicates=20, n=10, null=False, seed=None" in said
    _, said = run(tmp_path, "", "--fixtures")
    assert "afcsim_cohort -- " in said
    assert "afcsim_scenario -- " in said


def test_example_of_the_page_runs(tmp_path):
    page = (ROOT / "docs" / "audit" / "pytest.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    status, said = run(tmp_path, example, name="test_analysis.py")
    assert status == 0, said
    assert "26 passed" in said
    wrong = example.replace('p_value": test.pvalue', 'p_value": 0.3 * test.pvalue')
    status, said = run(tmp_path, wrong, "-k", "promises", name="test_analysis.py")
    assert status == 1
    (failure,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    for row in failure.splitlines():
        assert row in said
    assert "assertions.py" not in said


@pytest.mark.afcsim("quick-start", replicates=2, n=3)
def test_the_fixtures_in_this_very_run(afcsim_cohort, afcsim_scenario):
    assert isinstance(afcsim_cohort, SimulatedStudy)
    number = afcsim_cohort.replicate
    assert repr(afcsim_cohort) == f"SimulatedStudy of quick-start, replicate {number}"
    assert len(afcsim_cohort.subjects) == 6
    assert afcsim_cohort.doses is afcsim_cohort.cohort.doses
    assert len(afcsim_cohort.timeline)
    assert afcsim_scenario is afcsim_cohort.scenario
