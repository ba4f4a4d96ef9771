"""A source Home Assistant, a main one and the name of the instance: how the one shows on the other."""

from __future__ import annotations

from harness.compare import Comparer, Comparison, Rule, unique_id_of
from harness.home_assistant import HomeAssistant
from harness.process import wait_until


class Mirror:
    """What all that has a source and a main can be asked."""

    source: HomeAssistant
    main: HomeAssistant
    instance: str
    rules: list[Rule]  # which differences are accepted
    filtered: tuple[str, ...] = ()  # domains that the bridge's filter excludes

    async def compare(self) -> Comparison:
        clients = self.source.client, self.main.client
        return await Comparer(*clients, self.instance, self.rules, self.filtered).compare()

    async def equal(self, timeout: float) -> Comparison:
        """Waits until main shows the source; the comparison then still holds what is not equal."""
        result: list[Comparison] = []

        async def is_equal() -> bool:
            result[:] = [await self.compare()]
            return not result[0].faults

        try:
            await wait_until(is_equal, timeout, "main to be equal to the source", interval=0.5)
        except TimeoutError:
            pass
        return result[0]

    async def on_main(self, entity_id: str) -> str:
        """The entity on main that stands for one of the source."""
        entry = (await self.source.client.entities()).get(entity_id)
        wanted = unique_id_of(self.instance, entity_id, entry)
        for found in (await self.main.client.entities()).values():
            if found["unique_id"] == wanted:
                return found["entity_id"]
        raise LookupError(f"nothing on main stands for {entity_id} ({wanted})")
