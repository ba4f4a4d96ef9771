"""What a machine cannot have."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def skip(reason: str) -> NoReturn:
    """Skips the test with the reason; under STATEBUS_NO_SKIPS it fails, with what was raised before."""
    if "STATEBUS_NO_SKIPS" in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)
