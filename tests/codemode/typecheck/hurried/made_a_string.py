# hint: await
from github_sdk import AsyncGithub
async def main():
    async with AsyncGithub() as gh:
        me = gh.get_me()
        text = str(me)
        print(text[:100])
await main()
