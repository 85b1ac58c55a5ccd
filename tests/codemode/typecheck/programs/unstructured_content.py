from pathlib import Path

from everything_sdk import everything

picture = everything.get_tiny_image()
for number, image in enumerate(picture.images):
    Path(f"/tmp/{number}.png").write_bytes(image.data)
    print(image.mime_type, len(image.data))
note = everything.get_annotated_message(message_type="success", include_image=True)
print(len(note.images), note.text)
links = everything.get_resource_links(count=3).links
print([link.uri for link in links])
for resource in everything.get_resource_reference(resource_type="Text", resource_id=1).resources:
    print(resource.uri, (resource.text or "")[:20])
