"""Studies of k arms against one control whose truth is a plain shift."""

from simulator.scenario import Scenario


def shift_study(
    *, k=1, shift=1.0, n=(3, 30), adjust="none", seed=7, design=None, decision=None, analysis=None
):
    """k arms against one control on a normal endpoint, sd 1, all shifted alike."""
    arms = {"vehicle": {"role": "control"}} | {f"drug-{i}": {"role": "test"} for i in range(k)}
    names = list(arms)[1:]
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "shift",
            "question": "how many controls?",
            "seed": seed,
            "design": {
                "arms": arms,
                "endpoints": {
                    "y": {
                        "kind": "continuous",
                        "day": 5,
                        "distribution": "normal",
                        "measured_in": "mg",
                    }
                },
                **(design or {}),
            },
            "truth": {
                "y": {
                    "control": "100 mg",
                    "response": {"model": "fold", **dict.fromkeys(names, 1 + shift / 100)},
                },
                "variability": {"y": {"sd": "1 mg"}},
            },
            "analysis": {
                "families": {
                    "main": {
                        "endpoint": "y",
                        "arms": names,
                        "against": "vehicle",
                        "adjust": adjust,
                    }
                },
                **(analysis or {}),
            },
            "decision": {"n": {"from": n[0], "to": n[1]}, **(decision or {})},
        }
    )
