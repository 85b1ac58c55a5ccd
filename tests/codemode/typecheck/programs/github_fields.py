from github_sdk import AsyncGithub

fields = [{"field_name": "Priority", "value": 1}, {"field_name": "Size", "value": "L"}]
wanted = ["number", "title", "state"]
async with AsyncGithub() as github:
    made = await github.issue_write(
        method="create",
        owner="o",
        repo="r",
        title="Broken",
        labels=["bug", "p1"],
        issue_fields=fields,
        type=None,
    )
    number = made.json()["number"]
    detail = await github.issue_read(method="get", owner="o", repo="r", issue_number=number)
    listed = await github.list_issues(owner="o", repo="r", fields=wanted, order_by="UPDATED_AT")
print(detail.json().get("title"), len(listed.json()))
