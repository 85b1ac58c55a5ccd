import json
from github_sdk import github
print(json.dumps(github.list_tags(owner="o", repo="r").json(), indent=2)[:500])
