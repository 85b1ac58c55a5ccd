"""What one tool returns, another takes: equal definitions are one class."""

from shared_models_sdk import shared_models
from shared_models_sdk.types import Page

listed = shared_models.list_items(page=Page(number=1))
for item in listed.items:
    shared_models.put_item(item=item)
    shared_models.put_item(item=shared_models.get_item(id=item.id))
shared_models.list_items(page=listed.page)
shared_models.put_item(item={"id": "a", "tags": [{"key": "k"}]})
shared_models.other_page(page={"cursor": "c"})
