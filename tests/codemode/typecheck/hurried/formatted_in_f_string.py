# hint: await
from everything_sdk import AsyncEverything
async with AsyncEverything() as e:
    total = e.get_sum(a=1, b=2)
    print(f"The sum is {total}")
