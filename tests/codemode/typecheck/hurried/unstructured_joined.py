# hint: .text
from everything_sdk import everything
print("\n".join(everything.echo(message=m) for m in ("a", "b")))
