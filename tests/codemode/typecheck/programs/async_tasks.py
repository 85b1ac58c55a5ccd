import asyncio

from everything_sdk import AsyncEverything


async def worker(client, queue, results):
    while True:
        try:
            number = queue.get_nowait()
        except asyncio.QueueEmpty:
            return
        answer = await client.get_sum(a=number, b=number)
        results[number] = answer.text


async def main():
    queue: asyncio.Queue = asyncio.Queue()
    for number in range(10):
        queue.put_nowait(number)
    results = {}
    async with AsyncEverything() as client, asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(worker(client, queue, results))
    return results


if __name__ == "__main__":
    print(asyncio.run(main()))
