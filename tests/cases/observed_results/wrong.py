"""Nobody promised an observed type, so nobody may rely on it unasked."""

from observed_results_sdk import observed_results as server

server.get_member(id="1").id  # error: attr-defined
server.get_member(id="1").data.id  # error: union-attr
server.get_member(id="1").require().name  # error: attr-defined
server.list_rows(id="1").require().price  # error: attr-defined
server.stale(id="1").data  # error: attr-defined
