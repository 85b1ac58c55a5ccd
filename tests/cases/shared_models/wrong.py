"""Models of the same name and another content are other classes."""

from shared_models_sdk import shared_models

shared_models.other_page(page=shared_models.list_items().page)  # error: arg-type
shared_models.other_page(page={"number": 1})  # error: arg-type
shared_models.put_item(item={"id": "a", "tags": [{"value": "v"}]})  # error: arg-type
shared_models.get_item(id="a").tags.append  # error: union-attr
