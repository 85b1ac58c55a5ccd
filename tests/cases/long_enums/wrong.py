"""Values that are not among many."""

from long_enums_sdk import long_enums

long_enums.pick(zone="north-12")  # error: arg-type
long_enums.pick(zone="north-00", other="south-306")  # error: arg-type
long_enums.pick(zone="north-00", nested={"zone": "east"})  # error: arg-type
long_enums.shared(p={"other": "east"})  # error: arg-type
