# hint: await
from everything_sdk import AsyncEverything
async with AsyncEverything() as e:
    answer = e.echo(message="hi")
    print("yes" if answer else "no")
