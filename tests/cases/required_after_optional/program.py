"""Arguments are keywords only, so their order is free."""

from required_after_optional_sdk import required_after_optional

required_after_optional.transfer(to="me", amount=1)
required_after_optional.transfer(memo="rent", currency="EUR", amount=1.5, to="me")
required_after_optional.undeclared_required(a="x", b=[1], c=None)
required_after_optional.only_required(city="Austin", country="US")
