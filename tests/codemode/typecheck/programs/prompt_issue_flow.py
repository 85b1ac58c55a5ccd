from github_sdk import github
wanted = [i for i in github.list_issues(owner="o", repo="r", state="OPEN").json() if not i.get("assignees")]
for issue in wanted[:2]:
    github.add_issue_comment(owner="o", repo="r", issue_number=issue["number"], body="Who takes it?")
print(f"asked about {len(wanted[:2])}")
