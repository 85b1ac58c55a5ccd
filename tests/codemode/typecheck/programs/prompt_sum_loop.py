from everything_sdk import everything
total = 0.0
for a, b in [(1, 2), (3, 4)]:
    answer = everything.get_sum(a=a, b=b).text
    total += float(answer.rstrip(".").split()[-1])
print(total)
