# hint: await
from github_sdk import AsyncGithub
async def main():
    async with AsyncGithub() as gh:
        page = 1
        while gh.list_issues(owner="o", repo="r"):
            page += 1
            if page > 3:
                break
    print(page)
await main()
