from github_sdk import github
class Row:
    def __init__(self, data):
        self.name = data["name"]
rows = github.list_branches(owner="o", repo="r").json()
rows = [Row(row) for row in rows]
print([row.name for row in rows])
