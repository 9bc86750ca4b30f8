"""The fault run misses no call, whatever it is answered."""

import asyncio
import time

from tests.faults.load import HOT, Load, Write
from tests.server.receiver import Answer, receiving, status

NOTHING = status(200, body=b'{"data": null}')
PLACED = status(200, body=b'{"data": {"answer": {"order": {"number": "n1"}, "userErrors": []}}}')


async def test_an_answer_without_data_is_an_error_of_its_call() -> None:
    is_asked = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_asked.set()
        await NOTHING(reader, writer)

    async with receiving(answer) as receiver:
        load = Load([receiver.url(path="")], time.monotonic)
        asking = asyncio.create_task(load.run())
        await is_asked.wait()
        asking.cancel()
        await asyncio.wait([asking])
    assert len(load.timeline.errors(0)) == len(load.timeline.ended) == len(receiver.requests)
    assert not load.timeline.running


async def test_what_got_an_answer_that_says_nothing_is_asked_again() -> None:
    answers: list[Answer] = [PLACED, NOTHING]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answers.pop()(reader, writer)

    async with receiving(answer) as receiver:
        write = Write("n1", HOT, 1)
        await Load([receiver.url(path="")], time.monotonic, writes={"n1": write}).settle()
    assert write.answer == "placed"
