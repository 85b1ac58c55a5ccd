# hint: await
from everything_sdk import AsyncEverything
e = AsyncEverything()
if e.get_sum(a=1, b=2) == 3:
    print("right")
