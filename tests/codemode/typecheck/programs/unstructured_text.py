import re

from everything_sdk import everything

answer = everything.get_sum(a=2, b=3.5)
found = re.search(r"[\d.]+", answer.text)
if found:
    print(float(found.group().rstrip(".")))
print(everything.echo(message="hello").text.upper())
if "hello" in str(everything.echo(message="hello")):
    print("yes")
