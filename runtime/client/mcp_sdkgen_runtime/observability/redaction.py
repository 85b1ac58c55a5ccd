"""Taking secrets out of what is written down: cassettes and log lines.

A secret is known by its name (`password`, `apiKey`, `access_token`) or by its form (`Bearer …`, a
GitHub token, a private key). What is found becomes `REDACTED`; everything else stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import copy
from functools import lru_cache
from typing import Any

from .secret_set import BINARY_FIELDS, EVERY_SECRET, REDACTED, SecretSet

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:pass(?:word|wd|phrase|code)|pwd|secret|token|jwt|authorization|credentials?|cookie"
    r"|api_?key|(?:private|secret|access|account|auth|signing|encryption)_key|connection_string)$"
)
_HARMLESS_NAME = re.compile(r"(?:^|_)(?:page|next|continuation|sync|progress|resume)_token$")

_FORMS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
        # Looked for from a word's start, with what stands before it there, and only once.
        r"(?<![\w-])(?=[\w-]*+\.eyJ[\w-]{8,}+\.)(?:[\w-]*?-)?eyJ[\w-]{8,}+\.eyJ[\w-]*+\.[\w-]*+",
        r"\b(?:sk|pk|rk)-[\w-]{16,}",
        r"\b(?:sk|pk|rk)_(?:live|test)_\w{10,}",
        r"\bgh[pousr]_[A-Za-z0-9]{20,}",
        r"\bgithub_pat_\w{20,}",
        r"\bglpat-[\w-]{16,}",
        r"\bxox[abeprs]-[\w-]{10,}",
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        r"\bAIza[\w-]{30,}",
        r"\bya29\.[\w-]{20,}",
        r"\b(?:hf|npm)_[A-Za-z0-9]{20,}",
        r"(?i:(?<=\bbearer )[\w.~+/=-]{8,})",
        r"(?<=\bBasic )(?=[A-Za-z]*[0-9+/=])[A-Za-z0-9+/]{12,}={0,2}",
        r"(?<=://)[^\s/:@]{0,256}:[^\s/@]{1,256}(?=@)",
    )
)
# Every repetition is bounded or begins at a word's start: texts may be megabytes long.
_NAMED = re.compile(r"""(?<![\w.-])([A-Za-z][\w.-]{0,63})\\?["']?\s{0,8}[:=]\s{0,8}""")
_VALUE = re.compile(
    r""""(?:[^"\\]|\\.)*"|\\"(?:[^"\\]|\\[^"])*\\"|'[^']*'"""
    r"""|(?:(?:Bearer|Basic|Token)\s+)?(?:\[redacted\]|[^\s"'\\,;&{}\[\]<>]+)"""
)
_NOT_SECRET = re.compile(r"(?:-?\d+(?:\.\d+)?|true|false|null|None)\Z")
_QUOTES = ('\\"', '"', "'")


class Redaction:
    """What counts as a secret: the known names and forms, and those that were added.

    `names` are further names of arguments and fields. A name is compared without regard to case,
    hyphens and camel case.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(map(_normal, names))
        self._secrets: SecretSet | None = None

    def knowing(self, secrets: SecretSet) -> Redaction:
        """The same, with what is secret of a binding."""
        made = copy(self)
        made._secrets = secrets
        return made

    def is_secret(self, name: str) -> bool:
        """Whether what goes by this name is a secret."""
        normal = _normal(name)
        return normal in self._names or _is_well_known(normal)

    def cleaned(self, value: Any) -> Any:
        """JSON data without its secrets. Numbers under a secret's name become 0."""
        return self._unnamed(value if self._secrets is None else self._secrets.cleaned(value))

    def text(self, text: str) -> str:
        """A text without the secrets in it."""
        return self._unformed(text if self._secrets is None else self._secrets.text(text))

    def _unnamed(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._unformed(value)
        if isinstance(value, list | tuple):
            return [self._unnamed(item) for item in value]
        if not isinstance(value, dict):
            return value
        binary = BINARY_FIELDS if "mimeType" in value else ()
        return {
            self._unformed(key): item
            if key in binary
            else (_blank(item) if self.is_secret(key) else self._unnamed(item))
            for key, item in value.items()
        }

    def _unformed(self, text: str) -> str:
        for form in _FORMS:
            text = form.sub(REDACTED, text)
        return "".join(self._unassigned(text))

    def _unassigned(self, text: str) -> Iterator[str]:
        done = 0
        for match in _NAMED.finditer(text):
            name = match[1]
            # In JSON within a text, a name may follow the `n` of an escaped line end.
            escaped = text.endswith("\\", 0, match.start(1)) and self.is_secret(name[1:])
            if match.start() < done or not (escaped or self.is_secret(name)):
                continue
            found = _VALUE.match(text, match.end())
            if found is None or _NOT_SECRET.match(found[0]):
                continue
            quote = next((mark for mark in _QUOTES if found[0].startswith(mark)), "")
            yield f"{text[done : match.end()]}{quote}{REDACTED}{quote}"
            done = found.end()
        yield text[done:]


def without_secrets(text: str) -> str:
    """A text without what is secret of any binding of this process, and without what looks so."""
    return Redaction().text(EVERY_SECRET.text(text))


@lru_cache(maxsize=4096)
def _is_well_known(normal: str) -> bool:
    return bool(_SECRET_NAME.search(normal)) and not _HARMLESS_NAME.search(normal)


@lru_cache(maxsize=4096)
def _normal(name: str) -> str:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def _blank(value: Any) -> Any:
    """A secret's place-holder, of the same JSON type, so that it still fits a schema."""
    if isinstance(value, str):
        return REDACTED if value else value
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return type(value)(0)
    if isinstance(value, dict):
        return {key: _blank(item) for key, item in value.items()}
    return [_blank(item) for item in value]
