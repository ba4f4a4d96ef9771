"""Commands that can be told apart at Home Assistant, and what became of each."""

from __future__ import annotations

import json
from collections import Counter

from harness.mosquitto import Listener

from .house import House

COMMAND = "statebus/edge/command/number/mark"
REFUSED = "statebus/edge/refused"
NO_MATCHING_SUBSCRIBERS = 0x10  # MQTT 5: the broker's answer where no bridge is connected


class Commands:
    """Each sets the number to another value. `client` is connected as long as any is under way."""

    def __init__(self, house: House, client: Listener):
        self._house = house
        self._client = client
        self.sent = 0
        self._numbers: dict[int, list[int]] = {}  # of the messages of each

    def send(self, retain: bool = False, expiry: int | None = 10, times: int = 1) -> int:
        """Its number, which is its value and its id."""
        self.sent += 1
        payload = {"service": "set_value", "data": {"value": self.sent}, "id": str(self.sent)}
        text = json.dumps(payload)
        self._numbers[self.sent] = [
            self._client.publish(COMMAND, text, retain=retain, expiry=expiry) for _ in range(times)
        ]
        return self.sent

    async def nobody_listens(self) -> bool:
        """Asked with a message that a bridge passes over."""
        number = self._client.publish(COMMAND, "")
        await self._client.until(lambda: number in self._client.answers, 5, "the broker's acknowledgement")
        return self._client.answers[number] == NO_MATCHING_SUBSCRIBERS

    def runs(self) -> Counter[int]:
        """How often Home Assistant was called for each."""
        return Counter(int(call["service_data"]["value"]) for call in self._house.home.calls)

    def refusals(self) -> dict[int, str]:
        """The code of each that was answered for."""
        told = [json.loads(each.payload) for each in self._client.messages if each.topic == REFUSED]
        return {int(each["id"]): each["code"] for each in told}

    def met_nobody(self) -> set[int]:
        """Those of which the broker has told whoever sent them that no bridge is there."""
        told = self._client.answers
        return {
            command
            for command, numbers in self._numbers.items()
            if all(told.get(number) == NO_MATCHING_SUBSCRIBERS for number in numbers)
        }

    def unanswered(self) -> set[int]:
        answered = set(self.runs()) | set(self.refusals()) | self.met_nobody()
        return set(range(1, self.sent + 1)) - answered

    def twice(self) -> list[int]:
        return [number for number, times in self.runs().items() if times > 1]

    def account(self) -> str:
        codes = Counter(self.refusals().values())
        refused = ", ".join(f"{count} {code}" for code, count in sorted(codes.items()))
        return (
            f"{self.sent} commands: {len(self.runs())} run, {len(self.twice())} of them twice; "
            f"refused: {refused or 'none'}; met nobody: {len(self.met_nobody())}; "
            f"unanswered: {len(self.unanswered())}"
        )
