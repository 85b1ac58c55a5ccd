import asyncio
from everything_sdk import AsyncEverything
async def timed(name, call):
    loop = asyncio.get_running_loop()
    start = loop.time()
    answer = await call
    print(f"{name}: {answer.text} in {loop.time() - start:.1f} s")
async def main():
    async with AsyncEverything() as c:
        await timed("echo", c.echo(message="hi"))
        await timed("sum", c.get_sum(a=1, b=2))
asyncio.run(main())
