from everything_sdk import everything
for number, line in enumerate(everything.get_env().text.splitlines()[:5], 1):
    print(number, line.strip())
