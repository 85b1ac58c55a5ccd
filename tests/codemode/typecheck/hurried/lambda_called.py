# hint: await
from everything_sdk import AsyncEverything
e = AsyncEverything()
ask = lambda text: e.echo(message=text)
print(ask("hello"))
