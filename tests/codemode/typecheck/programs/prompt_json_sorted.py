from github_sdk import github
commits = github.list_commits(owner="o", repo="r", per_page=20).json()
latest = sorted(commits, key=lambda c: c["commit"]["author"]["date"], reverse=True)[:3]
for commit in latest:
    print(commit["sha"][:7], commit["commit"]["message"].splitlines()[0])
