"""The page says where what is entered goes."""

from __future__ import annotations

from simulator.web.layout import page


def test_only_a_page_for_this_computer_says_that_nothing_leaves_it() -> None:
    assert "nothing leaves this computer" in str(page(local=True))
    shared = str(page(local=False))
    assert "nothing leaves" not in shared
    assert "goes, not encrypted, to the computer that serves this page" in shared
