from weather_sdk import weather
prompt = weather.prompts.packing_list(city="Oslo", days="3")
for message in prompt.messages:
    print(message.role, message.text)
