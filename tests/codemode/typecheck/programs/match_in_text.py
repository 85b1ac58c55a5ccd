import re
from everything_sdk import everything
text = everything.get_sum(a=1, b=2).text
m = re.search(r"(\d+)\D*$", text)
total = int(m.group(1)) if m else 0
print(total)
