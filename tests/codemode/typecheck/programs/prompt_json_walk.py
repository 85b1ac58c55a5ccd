from github_sdk import github
def walk(value, depth=0):
    if isinstance(value, dict):
        for key, inner in value.items():
            print("  " * depth + str(key))
            walk(inner, depth + 1)
    elif isinstance(value, list) and value:
        walk(value[0], depth + 1)
walk(github.get_me().json())
