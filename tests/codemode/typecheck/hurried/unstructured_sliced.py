# hint: .json()
from github_sdk import github
print(github.get_me()[:200])
