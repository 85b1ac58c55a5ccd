from github_sdk import github
found = github.search_users(query="octocat", per_page=3).json()
names = [user["login"] for user in found.get("items", [])]
print(names or "nobody")
