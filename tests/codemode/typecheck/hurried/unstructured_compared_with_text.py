# hint: .text
from everything_sdk import everything
if everything.echo(message="hi") == "Echo: hi":
    print("works")
