"""A tool's description taken apart: its prose, and what its own sections say.

Servers written in Python send docstrings as they are, so a description may hold a section for the
arguments in the style of Google, NumPy or Sphinx, or as a Markdown list. Which it is need not be
guessed: the schema tells the names, and a section that names none of them is left in the prose.
Nothing is lost: what is not read stays in the prose as it was.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..text import clean


@dataclass(frozen=True)
class Words:
    """What a server says about one tool or prompt.

    `arguments` has what the description's own section says of each argument, by wire name;
    `returns` and `raises` are the texts of those sections, and `prose` is everything else.
    """

    prose: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    returns: str = ""
    raises: str = ""


_ARGUMENTS = r"(?:(?:Keyword|Other|Input) )?(?:Args|Arguments|Params|Parameters?)|Inputs?"
_RETURNS = r"Returns?|Yields?"
_RAISES = r"Raises|Throws|Exceptions"
_HEADING = re.compile(
    r" *(?P<mark>#{1,6} +)?(?P<bold>\*\*|__)?"
    rf"(?:(?P<arguments>(?i:{_ARGUMENTS}))|(?P<returns>{_RETURNS}|{_RETURNS.upper()})"
    rf"|(?P<raises>{_RAISES}|{_RAISES.upper()}))"
    r"(?P<colon>:)?(?(bold)(?:\*\*|__))(?P<late>:)?(?P<rest> .*|)"
)
_LABEL = re.compile(r" *(?:#{1,6} .*|\*{0,2}[A-Z][\w /&-]{0,40}:\*{0,2})")
_UNDERLINE = re.compile(r" *(?:-{3,}|={3,}) *")
_FENCE = re.compile(r" *(?:```|~~~)")
_BULLET = re.compile(r"(?:[-*+•]|\d{1,3}[.)]) +")
_NAME = r"[`\"'*]{0,3}[\w$@.\[\]-]+[`\"'*]{0,3}"
_ENTRY = re.compile(
    rf"(?:{_BULLET.pattern})?(?P<names>{_NAME}(?:(?:\s*[,/|&]\s*|\s+(?:and|or)\s+){_NAME})*)\s*"
    r"(?:\((?P<kind>[^()]*(?:\([^()]*\)[^()]*)*)\)\s*)?"
    r"(?:(?P<sign>:\*{0,2}|--?|–|—|=)(?:\s++|$)(?P<text>.*))?"  # noqa: RUF001
)
_GAP = re.compile(r"\n(?: *\n){2,}")
_SPLIT = re.compile(r"\s*[,/|&]\s*|\s+(?:and|or)\s+")
_SPHINX = re.compile(
    r" *:(?P<role>param|parameter|arg|argument|key|keyword|type|returns?|rtype|yields?|raises?"
    r"|except|exception)(?P<spec> [^:\n]*+)?:(?:\s++|$)(?P<text>.*)"
)
_TYPE_WORDS = frozenset(
    """
    any array bool boolean bytes date datetime dict dictionary double enum float int integer list
    map mapping none null number object of optional or required sequence set str string tuple union
    uuid
    """.split()  # noqa: SIM905
)


def sections(text: str, names: Iterable[str]) -> Words:
    """Take a description apart. `names` are the wire names of what it may say something about."""
    lines, known = inspect.cleandoc(clean(text)).split("\n"), tuple(names)
    reader = _Reader(lines, known)
    words = reader.words()
    # Several tell of several operations, each where it stands.
    return words if reader.answers < 2 else _Reader(lines, known, answers=False).words()


class _Reader:
    def __init__(self, lines: list[str], names: Sequence[str], answers: bool = True) -> None:
        """Without `answers`, what is returned and raised is left in the prose."""
        self._lines = lines
        self._takes_answers = answers
        self.answers = 0
        self._known = {_folded(name): name for name in reversed(names)}
        self._known |= {name: name for name in names}
        self._prose: list[str] = []
        self._entries: dict[str, list[str]] = {}
        self._unknown: list[str] = []
        self._said: dict[str, list[str]] = {"returns": [], "raises": []}

    def words(self) -> Words:
        at, is_code = 0, False
        while at < len(self._lines):
            line = self._lines[at]
            is_code ^= bool(_FENCE.match(line))
            end = at if is_code else self._section(at)
            if end == at:
                self._prose.append(line)
                end += 1
            at = end
        if self._unknown:
            self._prose += ["", "The server also describes:", *_indented(self._unknown)]
        return Words(
            prose=_GAP.sub("\n\n", "\n".join(self._prose)).strip(),
            arguments={name: _joined(texts) for name, texts in self._entries.items()},
            returns=_joined(self._said["returns"]),
            raises=_joined(self._said["raises"]),
        )

    def _section(self, at: int) -> int:
        """Read the section or field that begins at a line; its end, or `at` where there is none."""
        if field := _SPHINX.fullmatch(self._lines[at]):
            return self._field(at, field)
        heading = _HEADING.fullmatch(self._lines[at])
        if heading is None:
            return at
        underlined = at + 1 < len(self._lines) and _UNDERLINE.fullmatch(self._lines[at + 1])
        is_marked = heading["mark"] or heading["bold"] or heading["colon"] or heading["late"]
        if not is_marked and (not underlined or heading["rest"].strip()):
            return at
        start = at + 2 if underlined else at + 1
        if heading["arguments"]:
            return at if heading["rest"].strip() else self._arguments(at, start)
        return self._answer(at, start, heading) if self._takes_answers else at

    def _answer(self, at: int, start: int, heading: re.Match[str]) -> int:
        """Read what is returned or raised; deeper in the prose it belongs to what is around it."""
        rest = heading["rest"].strip()
        self.answers += heading["returns"] is not None
        if heading[0].startswith(" ") or (rest and not (heading["colon"] or heading["late"])):
            return at
        end = self._body_end(at, start, bool(rest))
        after = self._lines[end : end + 1]
        if rest and after and after[0].strip() and not self._begins(end):
            return at  # a line of a paragraph that goes on
        body = inspect.cleandoc("\n".join(["", *self._lines[start:end]]))
        kind = "returns" if heading["returns"] else "raises"
        self._said[kind].append("\n".join(filter(None, [rest, body])))
        return end

    def _arguments(self, at: int, start: int) -> int:
        first = next((i for i in range(start, len(self._lines)) if self._lines[i].strip()), at)
        base, margin = _indent(self._lines[first]), _indent(self._lines[at])
        if first == at or base < margin:
            return at
        entries: list[tuple[list[str], str, list[str]]] = []
        end = first
        for index in range(first, len(self._lines)):
            line = self._lines[index]
            if not line.strip():
                continue
            indent = _indent(line)
            if indent < base:
                break
            entry = self._entry(line.strip(), start > at + 1) if indent == base else None
            if indent == base == margin and (entry is None or not entry[0]):
                is_next = self._lines[index - 1].strip() and _BULLET.match(line.strip())
                if not is_next:
                    break
            if entry is not None:
                entries.append((*entry, []))
            elif entries:
                gap = [""] if not self._lines[index - 1].strip() else []
                entries[-1][2].extend([*gap, line])
            else:
                return at
            end = index + 1
        if not any(names for names, _, _ in entries):
            return at
        for names, text, more in entries:
            body = "\n".join(filter(None, [text, inspect.cleandoc("\n".join(["", *more]))]))
            for name in names:
                self._entries.setdefault(name, []).append(body)
            if not names:
                self._unknown += body.split("\n")
        return end

    def _entry(self, line: str, is_numpy: bool) -> tuple[list[str], str] | None:
        """(wire names, text) of a line that begins an entry; without names, its whole text."""
        entry = _ENTRY.fullmatch(line)
        is_item = _BULLET.match(line) is not None
        if entry is None:
            return ([], _BULLET.sub("", line, count=1)) if is_item else None
        words = [word.strip("`\"'*") for word in _SPLIT.split(entry["names"])]
        names = [self._name(word) for word in words]
        if entry["sign"] is None and entry["kind"] is None and (len(words) > 1 or is_item):
            names = [None]
        if not all(names):
            is_entry = is_item or (entry["sign"] or "").startswith(":")
            return ([], _BULLET.sub("", line, count=1)) if is_entry else None
        text = entry["text"] or ""
        if text and is_numpy:  # the type, and the text is below
            text = "" if _is_type(text) else f"({text})"
        kind = entry["kind"] or ""
        lead = f"({kind}) " if kind and not _is_type(kind) else ""
        # `filter.status: …` says something about a part of `filter`.
        part = next((f"`{word}`: " for word in words if self._whole(word) is None), "")
        return [name for name in names if name], f"{part}{lead}{text}".strip()

    def _whole(self, word: str) -> str | None:
        return self._known.get(word) or self._known.get(_folded(word))

    def _name(self, word: str) -> str | None:
        """The wire name that a word means, or that of the argument it means a part of."""
        head = re.split(r"[.\[]", word, maxsplit=1)[0]
        return self._whole(word) or (self._known.get(head) if head != word else None)

    def _field(self, at: int, field: re.Match[str]) -> int:
        """Read a field of Sphinx's, `:param city: Its name.`, with the lines that hang below."""
        end, margin = at + 1, _indent(self._lines[at])
        while end < len(self._lines) and _indent(self._lines[end]) > margin:
            end += 1
        body = inspect.cleandoc("\n".join([field["text"], *self._lines[at + 1 : end]]))
        role, spec = field["role"], (field["spec"] or "").split()
        if role in ("return", "returns", "yield", "yields") and self._takes_answers:
            self._said["returns"].append(body)
        elif role == "rtype":
            return end if _is_type(body) else at
        elif role.startswith(("raise", "exce")) and self._takes_answers:
            self._said["raises"].append(": ".join(filter(None, [" ".join(spec), body])))
        else:
            name = self._name(spec[-1]) if spec else None
            if name is None:
                return at
            if role == "type":
                return end if _is_type(body) else at
            kind = " ".join(spec[:-1])
            lead = f"({kind}) " if kind and not _is_type(kind) else ""
            self._entries.setdefault(name, []).append(f"{lead}{body}")
        return end

    def _body_end(self, at: int, start: int, begun: bool) -> int:
        """Where the text of a section ends: with its paragraph, and all that is indented."""
        margin, end, is_inline = _indent(self._lines[at]), start, begun
        for index in range(start, len(self._lines)):
            line = self._lines[index]
            if not line.strip():
                continue
            if _indent(line) <= margin:
                after_gap = index > end
                if is_inline or (begun and after_gap) or self._begins(index):
                    break
            begun, end = True, index + 1
        return end

    def _begins(self, at: int) -> bool:
        """Whether a line begins a section of any kind."""
        line = self._lines[at]
        below = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        forms = (_LABEL, _SPHINX, _HEADING)
        return any(form.fullmatch(line) for form in forms) or bool(_UNDERLINE.fullmatch(below))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" if line else "" for line in lines)


def _joined(texts: Iterable[str]) -> str:
    return "\n".join(filter(None, dict.fromkeys(text.strip() for text in texts)))


def _folded(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).lower()


def _is_type(text: str) -> bool:
    """Whether a text only says what the signature says too: a type, and if it may be left out."""
    words = re.findall(r"[^\W_]+", text)
    return bool(words) and all(word.lower() in _TYPE_WORDS for word in words)
