import json
from github_sdk import github
answer = github.get_me()
me = json.loads(answer) if isinstance(answer, str) else answer.json()
print(me["login"])
