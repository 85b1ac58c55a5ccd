# hint: await
import asyncio
from github_sdk import AsyncGithub
async def main():
    async with AsyncGithub() as gh:
        asyncio.create_task(gh.star_repository(owner="o", repo="r"))
    print("starred")
asyncio.run(main())
