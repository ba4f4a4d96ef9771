"""Commands that come twice, late, retained, and while Home Assistant is away: run once or answered for."""

from __future__ import annotations

from harness.mosquitto import Listener

from .commands import COMMAND, REFUSED, Commands
from .house import now


async def test_f22_commands_come_twice_late_retained_and_while_home_assistant_is_away(house, row):
    await house.settle(house.make_bridge(commands={"per_second": 5}))
    async with Listener(house.broker.port, REFUSED) as client:
        commands = Commands(house, client)
        twice = [commands.send(times=2) for _ in range(5)]
        retained = commands.send(retain=True)
        client.publish(COMMAND, "", retain=True)
        # Five a second go, and ten at once: of these with two seconds each, the last ones are too late. There
        # are no more than the bridge answers for one by one at a time; of a flood it tells the number.
        late = [commands.send(expiry=2) for _ in range(22)]
        await client.until(lambda: not commands.unanswered(), 40, "an answer to each")
        assert commands.refusals().pop(retained) == "retained"
        expired = {each for each in late if commands.refusals().get(each) == "expired"}
        assert expired and not expired & set(commands.runs())

        house.fault_begins()
        await house.home.stop()
        await house.said("Home Assistant")
        down = [commands.send() for _ in range(5)]
        await client.until(lambda: not commands.unanswered(), 20, "an answer to each while it is away")
        assert {commands.refusals()[each] for each in down} == {"ha_unavailable"}
        await house.home.start()
        outcome = await house.recovers(now())
        last = commands.send()
        await house.home.called(lambda call: call["service_data"].get("value") == last, 20)
        assert commands.twice() == [] and not set(down) & set(commands.runs())
        outcome.notes.append(commands.account())
        row("F22", "commands twice, late, retained, Home Assistant away", outcome)
