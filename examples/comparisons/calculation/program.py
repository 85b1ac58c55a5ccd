from calculator_sdk import calculator

total = calculator.calculate(operation="add", a=10, b=20).result
product = calculator.calculate(operation="multiply", a=total, b=5).result
print(calculator.calculate(operation="subtract", a=product, b=15).result)
