import json
from types import SimpleNamespace
from github_sdk import github
me = json.loads(github.get_me().text, object_hook=lambda d: SimpleNamespace(**d))
print(me.login)
