"""Two classes are two, although the server gives them one name."""

from same_model_name_sdk import same_model_name

same_model_name.different(user=same_model_name.different(user={"name": "a"}).user)  # error: arg-type
same_model_name.equal(user={"name": "a"}).user.id  # error: attr-defined
same_model_name.different(user={"id": 1, "name": "a"})  # error: arg-type
