"""The pages of the documentation, taken apart: blocks of code, links, what they say of the program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from harness.bridge import REPOSITORY

DOCS = REPOSITORY / "docs"


def pages() -> list[Path]:
    """All of docs/, the changelog, and README.md where there is one."""
    own = [REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md"]
    return sorted(DOCS.rglob("*.md")) + [page for page in own if page.exists()]


def name_of(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


@dataclass
class Block:
    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{name_of(self.page)}:{self.line}"


def blocks(page: Path, language: str | None = None) -> list[Block]:
    """The fenced blocks of a page, of one language or all."""
    found, begun = [], None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = re.fullmatch(r"\s*```(\w*)\s*", line)
        if fence and begun is None:
            begun = Block(page, number, fence[1], "")
        elif fence:
            found.append(begun)
            begun = None
        elif begun is not None:
            begun.text += line + "\n"
    assert begun is None, f"{begun} does not end"
    return [block for block in found if language in (None, block.language)]


def all_blocks(language: str) -> list[Block]:
    return [block for page in pages() for block in blocks(page, language)]


def prose(page: Path) -> str:
    """The text without fenced blocks."""
    return re.sub(r"^\s*```.*?^\s*```\s*?$", "", page.read_text(), flags=re.M | re.S)


def anchors(page: Path) -> set[str]:
    """The anchors that its headings give, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    words = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {each.replace(" ", "-") for each in words}


def links(page: Path) -> list[str]:
    """The addresses of its links that are not those of other sites."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def section(page: Path, heading: str) -> str:
    """The text below a heading, up to the next one of the same or a higher level."""
    text = page.read_text()
    start = re.search(rf"^(#+) {re.escape(heading)}$", text, re.M)
    assert start, f"{name_of(page)} has no heading '{heading}'"
    rest = text[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.M)
    return rest[: end.start()] if end else rest


def first_cells(text: str) -> list[str]:
    """What stands in backticks in the first cell of each row of the tables."""
    return re.findall(r"^\| `([^`]+)`", text, re.M)


def commands(page: Path) -> list[str]:
    """All that calls the program, from code in the text and from blocks of shell lines."""
    spans = [re.sub(r"\s+", " ", span) for span in re.findall(r"`([^`]+)`", prose(page))]
    lines = []
    for block in blocks(page):
        if block.language in ("", "sh", "console", "bash"):
            lines += block.text.replace("\\\n", " ").splitlines()
    calls = [re.search(r"(?:^|[\s/])statebus (?=[a-z-])(.*)", text) for text in spans + lines]
    return [call[1].split(" # ")[0].split(" | ")[0] for call in calls if call]
