"""Arguments under their Python names, whatever the server calls them."""

from odd_arguments_sdk import odd_arguments

odd_arguments.call(list="a", import_="b", self_="c", a_b_xd443="d", a_b="e", class_="f", str="g")
odd_arguments.call(list="a", import_="b", self_="c", a_b_xd443="d", model_config="e", json="f")
odd_arguments.call(list="a", import_="b", self_="c", a_b_xd443="d", 名前="e", fi="f", any="g")
