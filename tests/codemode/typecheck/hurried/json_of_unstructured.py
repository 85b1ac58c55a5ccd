# hint: .json()
import json
from github_sdk import github
issues = github.list_issues(owner="o", repo="r")
print(json.dumps(issues, indent=2))
