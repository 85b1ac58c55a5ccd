from github_sdk import github
for issue in github.list_issues(owner="o", repo="r").json():
    title = issue["title"].strip().title()
    print(issue["number"], title, ", ".join(label["name"] for label in issue.get("labels", [])))
