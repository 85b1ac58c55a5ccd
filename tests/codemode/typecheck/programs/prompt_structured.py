from everything_sdk import everything
now = everything.get_structured_content(location="Chicago")
print(f"{now.temperature}° {now.conditions}, {now.humidity:.0f} %")
