# hint: .json()
from github_sdk import github
issues = github.list_issues(owner="o", repo="r")
if issues == []:
    print("no issues")
