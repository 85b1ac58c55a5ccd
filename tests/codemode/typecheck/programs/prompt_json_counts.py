from collections import Counter
from github_sdk import github
issues = github.list_issues(owner="o", repo="r").json()
print(Counter(issue["user"]["login"] for issue in issues).most_common(3))
