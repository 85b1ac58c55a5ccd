from everything_sdk import everything
for number, image in enumerate(everything.get_tiny_image().images):
    print(image.mime_type, len(image.data), image.save(f"image{number}.png").name)
