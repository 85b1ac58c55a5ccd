from github_sdk import github

place = {"owner": "octo", "repo": "demo"}
labels = github.list_label(**place).json()
github.label_write(**place, method="create", name="triage", color="ededed")
if not any(label["name"] == "triage" for label in labels):
    github.create_issue(**place, title="Labels", body="triage is new")
gist = github.create_gist(filename="labels.txt", content=str(labels), public=False)
print(gist.text)
