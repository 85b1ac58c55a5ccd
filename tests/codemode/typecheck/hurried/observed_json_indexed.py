# hint: with parentheses
from github_sdk import github
me = github.get_me()
print(me.json.login)
