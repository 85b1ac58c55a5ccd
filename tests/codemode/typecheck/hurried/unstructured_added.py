# hint: .text
from everything_sdk import everything
print("Answer: " + everything.echo(message="hi"))
