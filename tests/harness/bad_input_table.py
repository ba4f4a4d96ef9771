"""The table of the matrix of bad input (docs/bad-input.md), of rows that tests declare and record."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from harness.markdown import markdown_table

HEAD = ["", "door", "what comes in", "the user sees", "test", "verdict"]


@dataclass(frozen=True)
class Row:
    id: str
    door: str
    input: str
    message: str  # nothing where it is empty
    outcome: str
    stands: str = "holds"  # or "does not hold", which the page argues

    def record(self, test: str, seen: str) -> dict:
        verdict = self.stands if seen == self.message else "FAILS"
        return {**asdict(self), "message": seen, "test": test, "verdict": f"{verdict}: {self.outcome}"}


def order(row: dict) -> tuple:
    return int(row["id"][1:]), row["door"], row["test"]


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")


def code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{cell(text)}{fence}" if text else "nothing"


def bad_input_table(rows: list[dict]) -> str:
    """As Markdown, in the order of the numbers."""
    lines = []
    for row in sorted(rows, key=order):
        cells = [row["id"], row["door"], row["input"]]
        lines.append([*map(cell, cells), code(row["message"]), cell(row["test"]), cell(row["verdict"])])
    return markdown_table(HEAD, lines)


def same_everywhere(text: str, *folders) -> str:
    """Without the ports and folders of one run."""
    for folder in folders:
        text = text.replace(str(folder), "FOLDER")
    return re.sub(r"(127\.0\.0\.1|localhost):\d+", r"\1:PORT", text)
