"""The table of the fault matrix, from what its tests have recorded (matrix/conftest.py)."""

from __future__ import annotations

from .markdown import markdown_table

HEAD = ["", "fault", "test", "difference", "states, s", "all, s", "memory, MB", "messages", "verdict"]

# Rows that other tests make, with main's Home Assistant where the fault shows there.
ELSEWHERE = [
    ("F0", "broker and bridge die together", "real_ha/test_liveness.py"),
    ("F8", "a default broker, 10,000 and 100,000 entities are read", "faults/test_state_complete.py"),
    ("F17", "a slow main, whose queue at the broker has overflowed", "real_ha/test_lacking.py"),
    ("F18", "one side's slow answer delays nothing else", "faults/test_bad_starts.py"),
]


def number(fault: str) -> int:
    return int(fault[1:].split()[0])


def fault_table(rows: list[dict]) -> str:
    """As Markdown, in the order of the faults; memory is before and after, in MB."""
    lines = [
        (row["fault"], row["what"], row["test"], str(row["difference"]), str(row["states"]),
         str(row["seconds"]), " → ".join(map(str, row["memory"])), str(row["messages"]), row["verdict"])
        for row in rows
    ]  # fmt: skip
    lines += [(fault, what, test, "", "", "", "", "", "its own") for fault, what, test in ELSEWHERE]
    lines.sort(key=lambda line: (number(line[0]), line[2]))
    return markdown_table(HEAD, lines)
