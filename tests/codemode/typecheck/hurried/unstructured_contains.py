# hint: .text
from everything_sdk import everything
if "hi" in everything.echo(message="hi"):
    print("yes")
