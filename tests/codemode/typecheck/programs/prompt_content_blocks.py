from everything_sdk import everything
for block in everything.get_annotated_message(message_type="debug").content:
    print(block["type"], block.get("annotations", {}))
