from dataclasses import dataclass
from github_sdk import github
@dataclass
class Issue:
    number: int
    title: str
issues = [Issue(i["number"], i["title"]) for i in github.list_issues(owner="o", repo="r").json()]
for issue in issues:
    print(issue.number, issue.title)
