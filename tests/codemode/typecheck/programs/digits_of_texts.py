from everything_sdk import everything
numbers = [1, 2, 3, 4]
acc = 0
for n in numbers:
    r = everything.get_sum(a=acc, b=n)
    text = r.text
    acc = int("".join(ch for ch in text.split("is")[-1] if ch.isdigit()) or 0)
print(acc)
