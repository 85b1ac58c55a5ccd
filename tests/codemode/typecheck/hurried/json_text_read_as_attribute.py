# hint: ["number"]
import json
from github_sdk import github
data = json.loads(github.issue_read(method="get", owner="o", repo="r", issue_number=1).text)
print(data.number)
