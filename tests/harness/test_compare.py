"""What a row of differences.yaml accepts, and what it does not."""

from __future__ import annotations

import pytest

from .compare import MISSING, Difference, Rule


def accepts(on_source, on_main, rule: dict, **facts) -> bool:
    return Rule(reason="", **rule).covers(Difference("fan.a", "x", on_source, on_main, **facts))


@pytest.mark.parametrize("on_main, accepted", [
    (["none", "eco"], True), (["eco", "none"], False), (["eco"], False), (["none"], False), (MISSING, False),
])  # fmt: skip
def test_a_list_with_one_word_before_it(on_main, accepted):
    assert accepts(["eco"], on_main, {"main_adds": "none"}) is accepted


@pytest.mark.parametrize("on_main, accepted", [([], True), (["eco"], False), (None, False), (MISSING, False)])
def test_what_main_shows_instead(on_main, accepted):
    assert accepts(["eco"], on_main, {"main_shows": []}) is accepted


@pytest.mark.parametrize("on_main, accepted", [(1, True), (49, True), (3, False), (None, False)])
def test_numbers_that_differ_in_some_bits(on_main, accepted):
    assert accepts(17, on_main, {"bits": 48}) is accepted


def test_only_without_a_feature():
    assert accepts(["eco"], [], {"lacks_feature": 8}, features=1)
    assert not accepts(["eco"], [], {"lacks_feature": 8}, features=9)


def test_only_of_a_category():
    assert accepts(None, "integration", {"category": "diagnostic"}, category="diagnostic")
    assert not accepts(None, "integration", {"category": "diagnostic"}, category="config")
    assert not accepts(None, "integration", {"category": "diagnostic"})


def test_only_where_one_side_has_nothing():
    assert accepts(1, MISSING, {"main_lacks": True})
    assert not accepts(1, 2, {"main_lacks": True})
    assert accepts(MISSING, 1, {"source_lacks": True})
    assert not accepts(2, 1, {"source_lacks": True})
