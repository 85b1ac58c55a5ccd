# hint: await
from github_sdk import AsyncGithub
gh = AsyncGithub()
me = gh.get_me()
print(isinstance(me, dict))
