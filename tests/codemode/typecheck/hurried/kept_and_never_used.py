# hint: await
from github_sdk import AsyncGithub
gh = AsyncGithub()
result = gh.star_repository(owner="o", repo="r")
print("done")
