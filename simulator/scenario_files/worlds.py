from __future__ import annotations
def check_worlds(base, tree, found): return base.decision.worlds
def enter_world(s, w, t, n): return s, []
