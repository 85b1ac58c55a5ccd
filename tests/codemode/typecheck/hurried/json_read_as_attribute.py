# hint: ["title"]
from github_sdk import github
issues = github.list_issues(owner="o", repo="r").json()
for issue in issues:
    print(issue.title, issue["state"])
