"""What the run folder remembers of the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.output.provenance import Provenance
    from simulator.scenario import Scenario


def typed() -> tuple[str, ...]:
    """Return the command line, word by word."""
    return ("afcsim", *sys.argv[1:])


def origin(scenario: Scenario, *, source: str, **settings: Any) -> Provenance:
    """Return the provenance of a result of this command.

    Parameters
    ----------
    source : scenario file or catalogue id, as typed.
    settings : what the options said or what stood in for them.
    """
    from simulator.cli.guard import command_name
    from simulator.output.provenance import provenance

    return provenance(
        scenario,
        command=typed(),
        made_with=command_name(),
        settings={
            "source": source,
            **{name: value for name, value in settings.items() if value is not None},
        },
    )
