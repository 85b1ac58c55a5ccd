from github_sdk import github
def files(path=""):
    found = []
    for entry in github.get_file_contents(owner="o", repo="r", path=path).json():
        if entry["type"] == "dir":
            found += files(entry["path"])
        else:
            found.append(entry["path"])
    return found
print(len(files()))
