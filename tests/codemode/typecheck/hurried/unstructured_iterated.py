# hint: .json()
from github_sdk import github
for issue in github.list_issues(owner="o", repo="r"):
    print(issue["title"])
