import asyncio
from everything_sdk import AsyncEverything
async def main():
    async with AsyncEverything() as c:
        try:
            answer = await asyncio.wait_for(c.trigger_long_running_operation(duration=2, steps=2), 5)
        except asyncio.TimeoutError:
            print("too slow")
        else:
            print(answer.text)
asyncio.run(main())
