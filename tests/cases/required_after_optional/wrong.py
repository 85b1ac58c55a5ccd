"""Missing, positional and misspelt arguments."""

from required_after_optional_sdk import required_after_optional

required_after_optional.transfer(memo="rent", amount=1)  # error: call-arg
required_after_optional.transfer("me", 1)  # error: arg-type, call-arg
required_after_optional.transfer(to="me", amount=1, currency="GBP")  # error: arg-type
required_after_optional.transfer(to="me", amount="1")  # error: arg-type
required_after_optional.transfer(to="me", ammount=1)  # error: call-arg
required_after_optional.only_required(city="Austin")  # error: call-arg
