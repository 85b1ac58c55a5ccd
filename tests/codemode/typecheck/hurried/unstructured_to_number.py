# hint: .text
from everything_sdk import everything
print(float(everything.get_sum(a=1, b=2)) * 2)
