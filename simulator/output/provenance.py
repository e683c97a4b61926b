"""Where a result comes from: enough to repeat it bit for bit."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from simulator.output.json_text import to_json
from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE
from simulator.versions import versions


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Origin of a run folder.

    Attributes
    ----------
    scenario_id, digest, seed : which study; equal digests are equal scenarios.
    command : the command line, as typed.
    made_with : name of the command, by which ``--force`` knows what it may replace; empty for a
        call from Python.
    made_at : time of writing, UTC, ISO 8601.
    versions : of this program, Python, and the packages that can change a number.
    block_size : replicates drawn together, which is part of the definition of the numbers.
    machine : operating system and processor.
    settings : what the command line set beside the scenario (world, n, replicates, ...).
    answer : SHA-256 of ``result.json``, by which a change of it is seen; empty where there is none.

    Notes
    -----
    ``provenance.json`` also has a ``seal``, the SHA-256 of all of this, by which a change of the
    file itself is seen. It is no signature: it shows a slip of the hand, not a forger.
    """

    scenario_id: str
    digest: str
    seed: int
    command: tuple[str, ...]
    made_with: str = ""
    made_at: str
    versions: dict[str, str]
    machine: str
    block_size: int = BLOCK_SIZE
    settings: dict[str, Any] = field(default_factory=dict)
    answer: str = field(default="", compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data with its seal, for ``provenance.json``."""
        data = {"made_by": "afcsim", "schema_version": 1, **asdict(self)}
        return data | {"seal": seal_of(data)}


def provenance(
    scenario: Scenario,
    *,
    command: Sequence[str] = (),
    made_with: str = "",
    settings: dict[str, Any] | None = None,
) -> Provenance:
    """Return the origin of a result that is being written now.

    Parameters
    ----------
    scenario : the resolved scenario.
    command : the command line, word by word; empty for a call from Python.
    made_with : name of the command; empty for a call from Python.
    settings : options beside the scenario, as name and value. The number of threads may stand
        there; it does not change any number.
    """
    return Provenance(
        scenario_id=scenario.id,
        digest=scenario.digest,
        seed=scenario.seed,
        command=tuple(command),
        made_with=made_with,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=dict(versions()),
        machine=f"{platform.system()} {platform.release()} {platform.machine()}",
        settings=dict(settings or {}),
    )


def seal_of(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what ``provenance.json`` says, whatever the order of its keys."""
    said = {key: value for key, value in data.items() if key != "seal"}
    plain = json.loads(to_json(said))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def stored_provenance(data: Mapping[str, Any]) -> Provenance:
    """Return the origin that ``to_dict`` wrote.

    Raises
    ------
    KeyError : it lacks something.
    """
    names = [one.name for one in fields(Provenance)]
    found = {name: data[name] for name in names if name in data}
    return Provenance(**found | {"command": tuple(data["command"])})
