from everything_sdk import everything
for link in everything.get_resource_links(count=2).links:
    print(link.name, link.uri)
