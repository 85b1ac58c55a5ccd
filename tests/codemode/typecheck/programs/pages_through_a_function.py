from github_sdk import github
def list_all(fn, **kwargs):
    page = 1
    out = []
    while True:
        batch = fn(page=page, per_page=100, **kwargs).json()
        out.extend(batch)
        if len(batch) < 100:
            return out
        page += 1
branches = list_all(github.list_branches, owner="o", repo="r")
print([b["name"] for b in branches])
