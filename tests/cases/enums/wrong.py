"""Values that no enum has."""

from enums_sdk import enums

enums.set(text="c")  # error: arg-type
enums.set(text="a", number=4)  # error: arg-type
enums.set(text="a", flag=False)  # error: arg-type
enums.set(text="a", mixed=2)  # error: arg-type
enums.set(text="a", single="other")  # error: arg-type
enums.set(text="a", map={"x": "z"})  # error: dict-item
enums.set(text="a", list=["n", "e"])  # error: list-item
enums.set(text="a", list="n")  # error: arg-type
if enums.set(text="a").text == "c":  # error: comparison-overlap
    pass
