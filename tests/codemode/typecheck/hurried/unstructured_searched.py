# hint: .text
import re
from everything_sdk import everything
m = re.search(r"\d+", everything.get_sum(a=1, b=2))
print(m)
