# hint: .json()
from github_sdk import github
me = github.get_me()
print(me.get("login"))
