# hint: .json()
from github_sdk import github
if not github.list_issues(owner="o", repo="r"):
    print("no issues")
