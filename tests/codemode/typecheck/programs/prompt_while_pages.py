from github_sdk import github
page, seen = 1, []
while True:
    items = github.list_branches(owner="octo", repo="demo", page=page, per_page=50).json()
    if not items:
        break
    seen += [item["name"] for item in items]
    page += 1
print(len(seen), seen[:3])
