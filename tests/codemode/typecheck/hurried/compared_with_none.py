# hint: await
from github_sdk import AsyncGithub
gh = AsyncGithub()
found = gh.search_users(query="octocat")
if found != None:
    print("found")
