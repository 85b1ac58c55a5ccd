"""A type that was observed is asked for, and an answer may not have it."""

from observed_results_sdk import observed_results as server

member = server.get_member(id="1")
if member.data is not None:
    number: int = member.data.id
    guardian: str | None = member.data.guardian
    titles: list[str] = [loan.title for loan in (member.data.loans or {}).values()]
price: float | None = server.list_rows(id="1").require()[0].price
counts: dict[str, int] | None = server.count_words(id="1").data
either = server.either(id="1").require()
print(either if isinstance(either, list) else either.error)
print(member.text, member.json(), server.stale(id="1").text, server.plain(id="1").json())
