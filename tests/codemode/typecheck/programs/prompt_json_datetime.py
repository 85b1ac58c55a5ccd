from datetime import datetime
from github_sdk import github
for tag in github.list_releases(owner="o", repo="r").json():
    when = datetime.fromisoformat(tag["published_at"].replace("Z", "+00:00"))
    print(tag["tag_name"], when.date().isoformat(), when.year)
