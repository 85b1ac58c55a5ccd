"""A discriminator decides at run time; to a checker the result is the union that it is."""

from typing import assert_never, assert_type

from openapi_discriminators_sdk import openapi_discriminators as server
from openapi_discriminators_sdk.types import Cat, Dog

pet = server.with_mapping().pet
assert_type(pet, Cat | Dog)
match pet:
    case Cat():
        print(pet.indoor)
    case Dog():
        print(pet.breed)
    case _:
        assert_never(pet)
server.takes_one(pet={"pet_type": "dog", "breed": "x"})
server.takes_one(pet=Dog(pet_type="dog"))
