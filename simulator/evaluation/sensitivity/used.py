"""Which numbers of nature can move the power of the decision's family at all."""

from __future__ import annotations

from simulator.scenario import Scenario
from simulator.scenario.priors import Place
from simulator.scenario_files.defaults import relevance

#: Rates of the antibody in the blood and of the cells that have switched: of titers only.
_OF_TITERS = {"gS", "rS", "dQ", "kM", "kI", "igm_half_life", "igg_half_life", "Mnat"}
_OF_PLAQUES = {"reader_cv", "crowding"}


class Used:
    """Tells whether a number acts on what the decision's family compares.

    When in doubt a number is used: it then shows that it moves nothing.

    Parameters
    ----------
    scenario : resolved, with the decision's family alone (``decision_only``).
    """

    def __init__(self, scenario: Scenario) -> None:
        truth, design = scenario.truth, scenario.design
        (family,) = scenario.analysis.families.values()
        self._scenario, self._stated = scenario, relevance(scenario)
        self._endpoints = set(family.endpoint)
        self._arms = {*family.arms, family.against}
        self._kinds = {design.endpoints[key].kind for key in self._endpoints}
        self._immune = [key for key in self._endpoints if design.endpoints[key].immune]
        self._models = {key: truth.response_of(key).model for key in self._endpoints}
        self._given = {(r.substance, r.route) for a in self._arms for r in design.arms[a].regimens}
        self._follow = {
            key
            for key in self._endpoints
            if key in truth.endpoints and truth.endpoints[key].response == truth.response
        }

    def __call__(self, place: Place) -> bool:
        """Return whether the number at this place is used; each number has one place."""
        if place[:2] == ("truth", "response"):
            return bool(self._follow) and self._response(place[2:])
        if not self._stated(place):
            return False
        if place[1] in self._scenario.design.endpoints:
            return self._endpoint(place)
        return {
            "kinetics": self._kinetics,
            "effects": self._effects,
            "variability": self._variability,
            "assay": self._assay,
        }.get(place[1], lambda _: True)(place)

    def _endpoint(self, place: Place) -> bool:
        name = place[1]
        if name not in self._endpoints:
            return False
        if place[2] == "response":
            return name not in self._follow and self._response(place[3:])
        return self._models[name] != "kinetic"  # the model has a level of its own

    def _response(self, rest: Place) -> bool:
        """Return whether a number of a response (arm, or substance and route) is used."""
        if len(rest) > 1:
            return (rest[0], rest[1]) in self._given
        return rest[0] in self._arms

    def _kinetics(self, place: Place) -> bool:
        if "kinetic" not in self._models.values():
            return False
        if place[2] in _OF_TITERS:
            return "titer" in self._kinds
        if place[2] == "Pbg":
            return "plaque_count" in self._kinds
        if place[2] != "exposure":
            return True
        graded = {route for substance, route in self._given if self._graded(substance, route)}
        if place[3] in ("IM", "SC", "IP"):
            return place[3] in graded
        return bool(graded)

    def _graded(self, substance: str, route: str) -> bool:
        """Return whether the mass of a substance matters, so that its way into the body does."""
        effect = self._scenario.truth.effects.get(substance)
        by = effect.by(route) if effect is not None else None
        return by is not None and by.emax is not None

    def _effects(self, place: Place) -> bool:
        if "kinetic" not in self._models.values():
            return False
        substance, route = place[2], place[3]
        routes = {by for given, by in self._given if given == substance}
        if route == "titer_exponent":
            return bool(routes) and "titer" in self._kinds
        if route == "any_route":
            own = self._scenario.truth.effects[substance]
            return any(getattr(own, by) is None for by in routes)
        return route in routes

    def _variability(self, place: Place) -> bool:
        spread = self._scenario.truth.variability.endpoints
        if place[2] in spread:
            return place[2] in self._endpoints
        if place[2] == "cage_icc":
            return any(key not in spread or spread[key].cage_icc is None for key in self._endpoints)
        if place[2] == "responder_correlation":
            dying = self._scenario.design.attrition.with_response != 0
            return len(self._immune) > 1 or (dying and bool(self._immune))
        if place[2] == "immunization_failure":
            return bool(self._immune)
        return any(model != "fold" for model in self._models.values())  # drug sensitivity

    def _assay(self, place: Place) -> bool:
        return ("plaque_count" if place[2] in _OF_PLAQUES else "titer") in self._kinds
