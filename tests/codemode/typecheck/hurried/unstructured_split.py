# hint: .text
from everything_sdk import everything
for line in everything.get_env().split("\n"):
    print(line)
