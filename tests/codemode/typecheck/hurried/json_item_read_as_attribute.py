# hint: ["login"]
from github_sdk import github
commits = github.list_commits(owner="o", repo="r").json()
first = commits[0]
author = first.get("author") or {}
print(first.sha, author.login)
