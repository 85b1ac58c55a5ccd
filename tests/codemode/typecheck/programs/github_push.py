from github_sdk import github

owner, repo = "octo", "demo"
github.create_branch(owner=owner, repo=repo, branch="docs", from_branch="main")
files = []
for name in ("install", "usage"):
    files.append({"path": f"docs/{name}.md", "content": f"# {name.title()}\n"})
github.push_files(owner=owner, repo=repo, branch="docs", files=files, message="Start the docs")
texts = {"a.txt": "A", "b.txt": "B"}
github.push_files(
    owner=owner,
    repo=repo,
    branch="docs",
    files=[{"path": path, "content": text} for path, text in texts.items()],
    message="More",
)
pull = github.create_pull_request(
    owner=owner, repo=repo, title="Docs", head="docs", base="main", draft=True
).json()
print(pull["url"])
