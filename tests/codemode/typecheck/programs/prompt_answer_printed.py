from everything_sdk import everything
answer = everything.echo(message="hi")
print(answer)
print(f"{answer}", str(answer)[:20], repr(answer))
