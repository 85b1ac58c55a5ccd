from github_sdk import github
resp = github.search_issues(query="is:open label:bug repo:o/r")
data = resp.json()
items = data.get("items", []) if isinstance(data, dict) else data
by_user = {}
for it in items:
    by_user.setdefault(it["user"]["login"], []).append(it["number"])
for user, nums in sorted(by_user.items(), key=lambda kv: len(kv[1]), reverse=True):
    print(user, nums)
