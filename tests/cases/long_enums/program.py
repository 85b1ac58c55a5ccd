"""Long literals have a name, and the name can be imported."""

from long_enums_sdk import long_enums
from long_enums_sdk.types import PickZone

zone: PickZone = "north-00"
result = long_enums.pick(zone=zone, zones=["north-11"], other="south-305")
zone = result.zone
long_enums.pick(zone="north-01", nested={"zone": "north-02", "deep": None})
long_enums.shared(p={"zone": "north-03", "other": "north-04"})
long_enums.too_many(n="v599")
answer: PickZone = long_enums.result()
