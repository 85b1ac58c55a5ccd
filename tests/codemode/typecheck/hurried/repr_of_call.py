# hint: await
from github_sdk import AsyncGithub
gh = AsyncGithub()
lines = [repr(gh.list_branches(owner="o", repo=r)) for r in ("a", "b")]
print("\n".join(lines))
