# hint: await
from everything_sdk import AsyncEverything
e = AsyncEverything()
print("The answer: {}".format(e.echo(message="x")))
