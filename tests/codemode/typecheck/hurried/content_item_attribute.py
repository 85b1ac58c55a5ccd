# hint:
from everything_sdk import everything
print(everything.echo(message="hi").content[0].text)
