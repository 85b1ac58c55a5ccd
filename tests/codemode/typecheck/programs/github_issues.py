from github_sdk import github

issues = github.list_issues(owner="octo", repo="demo", state="OPEN", labels=["bug"]).json()
stale = [issue for issue in issues if issue["comments"] == 0]
for issue in stale:
    github.add_issue_comment(
        owner="octo", repo="demo", issue_number=issue["number"], body="Still relevant?"
    )
print(f"{len(stale)} of {len(issues)}")
