from github_sdk import Github
from mcp_sdkgen_runtime import ToolError

with Github() as github:
    pulls = github.list_pull_requests(owner="o", repo="r", state="open", sort="updated").json()
    for pull in pulls:
        number = pull["number"]
        changed = github.pull_request_read(
            method="get_files", owner="o", repo="r", pull_number=number
        ).json()
        event = "APPROVE" if len(changed) < 3 else "COMMENT"
        try:
            github.pull_request_review_write(
                method="create", owner="o", repo="r", pull_number=number, event=event, body="Read."
            )
        except ToolError as error:
            print(number, error)
