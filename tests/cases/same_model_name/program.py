"""A model of the same name in arguments and result: one class if equal, two if not."""

from same_model_name_sdk import same_model_name
from same_model_name_sdk.types import User

same_model_name.equal(user=same_model_name.equal(user={"name": "a"}).user)
number: int = same_model_name.different(user=User(name="a", age=1)).user.id
