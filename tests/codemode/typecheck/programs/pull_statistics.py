from github_sdk import github
prs = github.list_pull_requests(owner="o", repo="r", state="all", per_page=20, page=1).json()
stats = {"open": 0, "closed": 0, "authors": set(), "oldest": None}
for pr in prs:
    stats[pr["state"]] += 1
    stats["authors"].add(pr["user"]["login"])
    if stats["oldest"] is None or pr["created_at"] < stats["oldest"]:
        stats["oldest"] = pr["created_at"]
stats["authors"] = sorted(stats["authors"])
print(stats)
