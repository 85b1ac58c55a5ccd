# hint: .json()
import json
from github_sdk import github
issues = json.loads(github.list_issues(owner="o", repo="r"))
print(len(issues))
