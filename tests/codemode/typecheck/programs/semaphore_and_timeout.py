import asyncio
import time

from everything_sdk import AsyncEverything

limit = asyncio.Semaphore(2)
started = time.perf_counter()


async def echo(client: AsyncEverything, text: str) -> str:
    async with limit:
        return (await client.echo(message=text)).text


async with AsyncEverything() as client:
    done = await asyncio.wait_for(asyncio.gather(*[echo(client, str(n)) for n in range(5)]), 30)
    async with asyncio.timeout(10):
        slow = await client.trigger_long_running_operation(duration=1, steps=2)
print(done[0], slow.text, f"{time.perf_counter() - started:.1f} s")
