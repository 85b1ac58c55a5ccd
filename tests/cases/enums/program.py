"""Literals of every kind."""

from typing import Literal

from enums_sdk import enums

result = enums.set(text="a", number=3, flag=True, mixed="auto", floats=2.5)
enums.set(text="b", mixed=None, booleans_and_integers=True, empty="x", objects={"a": 1}, lists=[1])
enums.set(text="b", mixed=1, single="only", number_const=3.5, wrong_type="a", repeated="b")
enums.set(text="b", empty_string="", huge=2**70, map={"x": "r"}, list=["n", "s"])
text: Literal["a", "b"] = result.text
if result.text == "a":
    print(result.number)
