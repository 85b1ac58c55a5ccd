"""English words that mean the same in the names of APIs, and what kind of action a verb names.

People ask for a picture and to make it, where a tool creates an image. A group holds words that one
person may use for another's; a word may be in several. The verbs say as well whether a tool reads
or changes things: a search for "open a new incident" is not after the many tools that read
incidents. A word that is in no group is only compared as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Action = Literal["read", "create", "update", "delete"]

_FILLERS = (
    "a about all am an and any are as at be been by can could do does for from had has have how i "
    "if in into is it its like me my need no not of on or our please so some than that the their "
    "them then there these they this those to up us want was we were what when where which who "
    "whose why will with would you your"
)
FILLERS = frozenset(_FILLERS.split())
"""Words that say nothing of what a tool does."""

_VERBS: dict[Action, str] = {
    "read": "are browse check compare count describe did display does download export fetch find "
    "get give how is list look lookup query read retrieve search see show tell view what when "
    "where which who whose",
    "create": "add append attach book build compose create draw generate import insert launch log "
    "make new open plan post publish put register remember save schedule send start store upload "
    "write",
    "update": "adjust assign change convert disable edit enable mark modify move patch rename "
    "replace reschedule resolve scale set switch turn update",
    "delete": "archive cancel clear close delete destroy drop erase kill purge remove revoke rid "
    "stop undo uninstall unsubscribe",
}
_ACTIONS: dict[str, Action] = {
    verb: action for action, verbs in _VERBS.items() for verb in verbs.split()
}

_GROUPS = """
create add make new insert build generate compose draft
add append attach insert put include
create register open
create save store write
create setup configure
delete remove erase drop destroy purge clear discard trash wipe
update edit change modify alter adjust set patch revise
get fetch read retrieve obtain show view see display
list show enumerate browse all
find search query lookup look locate discover
send deliver post submit dispatch
post publish share
run execute exec invoke call perform launch trigger
start begin launch run open boot
stop halt kill terminate end cancel abort quit
close shut end finish
move transfer relocate shift
rename retitle
copy duplicate clone replicate
download export fetch pull
upload import push put
save store keep write persist remember
merge combine join concatenate unite
split divide separate
compare diff difference
convert transform translate turn
check verify validate test inspect examine audit lint scan
enable activate on
disable deactivate off
assign allocate give
grant allow permit authorize
revoke deny forbid
approve accept confirm
reject decline refuse deny
reply answer respond
schedule plan book reserve
draw paint render plot sketch
click press tap push
type enter fill input
install add
uninstall remove
deploy ship release publish rollout
rollback revert undo restore
backup dump snapshot archive
count number total
summarize summary overview digest
lock protect freeze
mute silence
kick remove ban
watch monitor observe follow track
wait pause sleep
resume continue
restart reboot
refresh reload
resize scale zoom
explain describe tell
measure calculate compute evaluate
sort order arrange
mark flag label tag
connect link attach
link relate relation
encrypt cipher
picture image photo photograph illustration
screenshot capture snapshot picture
folder directory
file document doc
mail email message
sms text message
chat conversation
remark comment note annotation
person people user member
account profile
customer client
error failure crash exception fault
bug issue problem defect ticket
log output trace
cost price pricing charge fee rate
bill invoice
money payment balance
page website site webpage
website domain
link url hyperlink
spreadsheet workbook excel
sheet worksheet tab
row record entry
column field
database db
chart graph plot diagram
flowchart diagram
slide presentation powerpoint deck
video clip movie film
song music track
audio sound voice
speech voice
secret credential password
token key
machine server instance vm
vm virtual
job task
task todo
appointment event meeting
schedule calendar
repository repo
text words
color colour
place location
location address
route direction path
alert alarm notification
notify alert tell
team group
organization organisation company
product item
memory knowledge
entity node object
permission access role right
package dependency library
vulnerability security
vehicle car
headline news
heading title
phone telephone call
letter character
box shape rectangle
arrow line connector edge
dropdown select
status state
history past previous earlier
statistics stats metrics analytics
limit quota
version release
teammate colleague member
manager boss
answer response result
size dimension
stock share equity
container pod
setting preference option configuration config
"""


def synonyms(stems: Mapping[str, str]) -> dict[str, set[str]]:
    """For each stem those of the words that mean the same. `stems` has those of `vocabulary`."""
    found: dict[str, set[str]] = {}
    for group in _groups():
        same = {stems[word] for word in group}
        for each in same:
            found.setdefault(each, set()).update(same - {each})
    return found


def vocabulary() -> set[str]:
    """Every word that has synonyms."""
    return {word for group in _groups() for word in group}


def _groups() -> list[list[str]]:
    return [line.split() for line in _GROUPS.splitlines() if line]


def action_of(words: Iterable[str]) -> Action | None:
    """The action of the first known verb among the words, in lower case, of a query or of a tool's
    name. None where there is none."""
    return next((_ACTIONS[word] for word in words if word in _ACTIONS), None)


def agreement(wanted: Action | None, does: Action | None) -> int:
    """1 for the same action, -1 for another, 0 where one is unknown. Creating and updating are no
    contradiction: "set a reminder" may be either."""
    if wanted is None or does is None:
        return 0
    if wanted == does:
        return 1
    return 0 if {wanted, does} == {"create", "update"} else -1
