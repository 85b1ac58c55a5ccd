"""What a program may mean by the URI of a resource, before a server reads its own way into it.

A URI can be written in many ways, and a server decides which of them mean the same. So a rule about
URIs is heeded for those only that are written plainly: in the normal form of RFC 3986 (section 6),
and with nothing that climbs to another folder or host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final
from unicodedata import category, normalize
from urllib.parse import unquote

if TYPE_CHECKING:
    from mcp.shared.uri_template import UriTemplate

MAX_TRIED: Final = 100
_MOST_CHARACTERS: Final = 2048
_PART: Final = r"[A-Za-z0-9._~:@!$&'()*+,;=-]*+(?:%[0-9A-F]{2}[A-Za-z0-9._~:@!$&'()*+,;=-]*+)*"
_QUERY: Final = _PART.replace("[A-Za-z", "[/?A-Za-z")
_WRITTEN = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*):(?P<rest>(?://(?P<authority>{_PART}|\[[0-9a-f:]+\](?::\d++)?))?"
    rf"(?P<path>{_PART}(?:/{_PART})*)(?:\?{_QUERY})?)"
)
_HOST = re.compile(
    r"(?P<name>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""The last part of a host's name that is an address, by WHATWG's rules."""
_DEFAULT_PORTS: Final = {
    scheme: port
    for port, schemes in {
        "21": "ftp", "22": "ssh sftp scp git+ssh svn+ssh", "23": "telnet", "25": "smtp",
        "43": "whois", "53": "dns", "69": "tftp", "70": "gopher", "79": "finger",
        "80": "http ws dav git+http", "110": "pop3", "119": "nntp", "143": "imap", "194": "irc",
        "322": "rtsps", "389": "ldap", "443": "https wss davs git+https", "445": "smb",
        "465": "smtps", "554": "rtsp", "563": "nntps", "631": "ipp ipps", "636": "ldaps",
        "873": "rsync", "990": "ftps", "992": "telnets", "993": "imaps", "995": "pop3s",
        "1433": "mssql sqlserver", "1521": "oracle", "1883": "mqtt", "2049": "nfs", "2628": "dict",
        "3306": "mysql mariadb", "3389": "rdp", "3690": "svn", "4222": "nats", "5060": "sip",
        "5061": "sips", "5222": "xmpp", "5432": "postgres postgresql", "5671": "amqps",
        "5672": "amqp", "5683": "coap", "5684": "coaps", "5900": "vnc", "6379": "redis rediss",
        "6697": "ircs", "8883": "mqtts", "9042": "cassandra", "9092": "kafka", "9418": "git",
        "11211": "memcached", "27017": "mongodb",
    }.items()
    for scheme in schemes.split()
}  # fmt: skip
"""Of schemes whose authority is a host, in which letters of either case mean the same, and no path
means `/`. By IANA's registry of services, where it has them."""
_ESCAPE = re.compile(r"%([0-9A-F]{2})")
_NEEDLESS = re.compile(r"[A-Za-z0-9._~%/\\\x00-\x1f\x7f-]")
"""What needs no escape, or means another thing to whoever takes the escape away."""
_CLIMBS = re.compile(r"(?<![A-Za-z0-9._~%-])\.{1,2}(?![A-Za-z0-9._~%-])")
_STARTS_PLAINLY = re.compile(r"[a-z][a-z0-9+.-]*:")


def is_plain(uri: str) -> bool:
    """Whether a URI is written in its normal form, and can hardly mean another than it seems to."""
    found = _WRITTEN.fullmatch(uri) if len(uri) <= _MOST_CHARACTERS else None
    if found is None or "//" in found["path"] or uri.endswith("?"):
        return False
    if not _has_plain_place(found["scheme"], found["authority"], found["path"]):
        return False
    if any(_NEEDLESS.fullmatch(chr(int(byte, 16))) for byte in _ESCAPE.findall(uri)):
        return False
    try:
        read = unquote(found["rest"], errors="strict")
    except UnicodeDecodeError:
        return False
    # What is written in letters that look or fold like others may be taken for those.
    is_settled = normalize("NFKC", read) == read and not any(category(c) == "Cf" for c in read)
    return is_settled and not _CLIMBS.search(found["rest"]) and not _CLIMBS.search(read)


def _has_plain_place(scheme: str, authority: str | None, path: str) -> bool:
    if scheme == "file":
        return authority == "" and path.startswith("/")
    if scheme not in _DEFAULT_PORTS:
        return "@" not in (authority or "")
    host = _HOST.fullmatch(authority or "")
    if host is None or host["port"] == _DEFAULT_PORTS[scheme] or not path:
        return False
    if int(host["port"] or 0) > 65535:
        return False
    name = host["name"].strip("[]")
    if ":" not in name and not _NUMBER.fullmatch(name.rpartition(".")[2]):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    is_mapped = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    return address.compressed == name and not is_mapped


class Templates:
    """The templates of a server, each taken apart once."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._by_prefix: dict[str, list[_Template]] = {}
        for place, template in enumerate(templates):
            if _STARTS_PLAINLY.match(template):
                one = _Template(place, template)
                self._by_prefix.setdefault(one.prefix, []).append(one)
        self._lengths = sorted(set(map(len, self._by_prefix)))

    def first(self, uri: str) -> int | None:
        """The place of the first template that gives a plain URI for some values (RFC 6570).

        A template that begins with a variable could give any URI, and one that cannot be taken
        apart (see `mcp.shared.uri_template`) may: none follows them. Nor does one that begins and
        ends as more than `MAX_TRIED` templates do, so that trying them all costs too much.
        """
        if not is_plain(uri):
            return None
        likely = [
            one
            for length in self._lengths
            for one in self._by_prefix.get(uri[:length], ())
            if uri.endswith(one.suffix)
        ]
        if len(likely) > MAX_TRIED:
            return None
        likely.sort(key=lambda one: one.place)
        return next((one.place for one in likely if one.gives(uri)), None)


class _Template:
    """A template, `place` in its list, and the text before its first and after its last variable,
    which all that it gives begins and ends with."""

    def __init__(self, place: int, template: str) -> None:
        self.place = place
        self._template = template
        self.prefix = template.partition("{")[0]
        self.suffix = template.rpartition("}")[2]

    @cached_property
    def _parsed(self) -> UriTemplate | None:
        # Deferred: it imports `mcp`, and few programs read resources.
        from mcp.shared.uri_template import InvalidUriTemplate, UriTemplate

        try:
            return UriTemplate.parse(self._template)
        except InvalidUriTemplate:
            return None

    def gives(self, uri: str) -> bool:
        """Whether it gives `uri` for some values."""
        if self._parsed is None:
            return False
        values = self._parsed.match(uri, max_uri_length=_MOST_CHARACTERS)
        # Reading is kinder than writing: what it took for a value must be written just so.
        return values is not None and self._parsed.expand(values) == uri
