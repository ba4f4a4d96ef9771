"""How the rows of the fault matrix are kept and printed."""

from __future__ import annotations

import pytest

from .house import House, Outcome


@pytest.fixture
async def house(request, tmp_path):
    """A house of which nothing but broker and Home Assistant runs yet."""
    async with House(tmp_path) as house:
        yield house


@pytest.fixture
def row(request, record_property):
    """Keeps how a fault ended, and fails where the broker holds anything else than there is."""

    def keep(fault: str, what: str, outcome: Outcome) -> None:
        test = request.node.nodeid.split("matrix/")[-1]
        record_property("fault", {"fault": fault, "what": what, "test": test, **outcome.row()})
        assert outcome.difference[:5] == []

    return keep
