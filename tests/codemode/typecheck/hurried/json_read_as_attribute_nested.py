# hint: ["login"]
from github_sdk import github
issues = github.list_issues(owner="o", repo="r").json()
print([i["user"].login for i in issues])
