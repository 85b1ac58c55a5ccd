# hint: .json()
from github_sdk import github
branches = list(github.list_branches(owner="o", repo="r"))
print(len(branches))
