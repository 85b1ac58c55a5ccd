# hint: await
from github_sdk import AsyncGithub
gh = AsyncGithub()
{gh.star_repository(owner="o", repo=r) for r in ("a", "b")}
print("starred")
