from github_sdk import github


def all_commits(owner, repo, per_page=50):
    page = 1
    while True:
        commits = github.list_commits(owner=owner, repo=repo, page=page, per_page=per_page).json()
        if not commits:
            break
        yield from commits
        page += 1


authors: dict[str, int] = {}
for commit in all_commits("octo", "demo"):
    name = commit.get("author", {}).get("login", "?")
    authors[name] = authors.get(name, 0) + 1
for name, count in sorted(authors.items(), key=lambda pair: -pair[1])[:3]:
    print(name, count)
