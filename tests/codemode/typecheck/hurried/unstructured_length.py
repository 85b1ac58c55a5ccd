# hint: .json()
from github_sdk import github
print(len(github.list_branches(owner="o", repo="r")))
