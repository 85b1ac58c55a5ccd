"""Names that are not there."""

from odd_arguments_sdk import odd_arguments

odd_arguments.call(list="a", import_="b", self_="c", a_b="d")  # error: call-arg
odd_arguments.call(list="a", import_="b", self_="c", a_b_xd443="d", aB="e")  # error: call-arg
odd_arguments.nothing_but_odd()  # error: call-arg
