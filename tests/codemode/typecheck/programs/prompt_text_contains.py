from everything_sdk import everything
answer = everything.echo(message="needle")
if "needle" in answer.text and len(answer.text) < 100:
    print(answer.text.upper())
