# hint: await
from everything_sdk import AsyncEverything
e = AsyncEverything()
print("%s is the answer to %s" % (e.echo(message="x"), "x"))
