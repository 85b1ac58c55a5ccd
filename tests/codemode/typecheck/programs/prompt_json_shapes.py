from github_sdk import github
data = github.search_repositories(query="mcp").json()
items = data["items"] if isinstance(data, dict) else data
for item in items[:5]:
    print(item.get("full_name", item.get("name")), item.get("stargazers_count", 0))
