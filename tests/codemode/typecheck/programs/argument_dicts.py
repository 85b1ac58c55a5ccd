from github_sdk import github
issue_args = dict(owner="o", repo="r", title="T", labels=["bug"])
res = github.issue_write(method="create", **issue_args)
print(res.json()["number"])
payload = {"owner": "o", "repo": "r", "issue_number": 5}
github.add_issue_comment(body="hi", **payload)
