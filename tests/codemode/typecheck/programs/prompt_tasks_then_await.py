import asyncio
from everything_sdk import AsyncEverything
async def main():
    async with AsyncEverything() as c:
        first = asyncio.create_task(c.echo(message="one"))
        second = asyncio.create_task(c.echo(message="two"))
        print((await first).text, (await second).text)
asyncio.run(main())
