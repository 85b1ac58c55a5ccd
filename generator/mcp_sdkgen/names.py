"""Wire names → Python names: never a keyword, never a clash, and stable for ever.

How one name is made is the runtime's `naming`. A new tool or field never renames another, but for
one clash: a newcomer that has the better claim. The lock pins method names against that
(`Snapshot.names`).
"""

from __future__ import annotations

import keyword
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence

from mcp_sdkgen_runtime.naming import (
    ANNOTATION_NAMES,
    CAMEL,
    MAX_LENGTH,
    hidden_names,
    mark,
    settled_names,
    words_of,
)
from mcp_sdkgen_runtime.naming import field_names as field_names
from mcp_sdkgen_runtime.naming import plain as plain

MAX_CLASS_LENGTH = 64
"""A class and its `TypedDict` twin must fit in a line together with their base."""

CLIENT_NAMES = ANNOTATION_NAMES | {
    "aclose",
    "binding",
    "call_tool",
    "close",
    "connect",
    "drift",
    "list_tools",
    "login",
    "mro",
    "on_log",
    "on_progress",
    "options",
    "ping",
    "prompts",
    "property",
    "resources",
    "server",
    "session",
    "subscribe",
    "tasks",
    "with_options",
}
"""What the runtime's clients have, or may come to have, of their own. A test compares."""

GROUP_NAMES = ANNOTATION_NAMES | {"get", "list", "read", "subscribe"}
ARGUMENT_NAMES = frozenset({"self"})

CLASS_NAMES = frozenset(
    {
        "Annotated",
        "Any",
        "Arguments",
        "AsyncClient",
        "AsyncPromptGroup",
        "AsyncPrompts",
        "AsyncResourceGroup",
        "AsyncResources",
        "ClassVar",
        "Client",
        "ConfigDict",
        "False",
        "Field",
        "Final",
        "Literal",
        "Mapping",
        "Model",
        "None",
        "NotRequired",
        "OMIT",
        "Observed",
        "ObservedText",
        "Omit",
        "PromptGroup",
        "PromptResult",
        "Prompts",
        "Required",
        "ResourceGroup",
        "ResourceResult",
        "Resources",
        "ResultText",
        "Sequence",
        "SequenceNotStr",
        "TOOL",
        "TYPE_CHECKING",
        "Tool",
        "True",
        "TypedDict",
        "Unstructured",
    }
)
INSTANCE_NAMES = frozenset(
    {"aio", "annotations", "client", "docs", "prompts", "resources", "surface", "tools", "types"}
)

WINDOWS_NAMES = frozenset(
    {"aux", "con", "nul", "prn", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
"""What no file or folder may be called there, with any suffix."""
ANY_SERVER = "*"
"""Stands for every server in `[packages]` of a configuration."""
FOLDER_NAMES = WINDOWS_NAMES | {"dist"}
STANDARD_NAMES = sys.stdlib_module_names | {
    "aifc",
    "annotationlib",
    "asynchat",
    "asyncore",
    "audioop",
    "cgi",
    "cgitb",
    "chunk",
    "compression",
    "crypt",
    "distutils",
    "imghdr",
    "imp",
    "lib2to3",
    "mailcap",
    "msilib",
    "nis",
    "nntplib",
    "ossaudiodev",
    "pipes",
    "smtpd",
    "sndhdr",
    "spwd",
    "sunau",
    "telnetlib",
    "uu",
    "xdrlib",
}
"""Modules of the standard library, with those that only some of Python 3.11 to 3.14 have: names
must not depend on the Python that generates."""
INSTALLED_NAMES = STANDARD_NAMES | {
    "anyio",
    "jsonschema",
    "mcp",
    "mcp_sdkgen",
    "mcp_sdkgen_codemode",
    "mcp_sdkgen_runtime",
    "mcp_types",
    "pydantic",
    "pydantic_core",
    "tenacity",
    "uritemplate",
}
"""Packages that an SDK stands on, and would replace if it had their name."""

_PACKAGE = re.compile(r"[a-z][a-z0-9_]{0,79}")
_SLUG = re.compile(r"[^a-z0-9]+")


def method_names(
    wires: Sequence[str], pinned: Mapping[str, str] | None = None, edition: int = 3
) -> list[str]:
    """A method name for each tool, in order, in an SDK of that edition.

    The same wire name may occur more than once.
    """
    reserved = CLIENT_NAMES | WINDOWS_NAMES | hidden_names(edition)
    return settled_names(wires, "tool", reserved, pinned or {})


def group_names(wires: Sequence[str], kind: str) -> list[str]:
    """A method name for each prompt or resource template, in order."""
    return settled_names(wires, kind, GROUP_NAMES, {})


def argument_names(wires: Sequence[str]) -> list[str]:
    """A parameter name for each argument, in order."""
    return settled_names(wires, "argument", ARGUMENT_NAMES, {})


def class_names(wanted: Sequence[tuple[str, str]]) -> list[str]:
    """A class name for each (wanted name, identity), in order; the identity settles clashes."""
    taken: set[str] = set()
    names = []
    for name, identity in wanted:
        name = free_class_name(name)
        if name in taken or f"{name}Param" in taken:
            name = f"{name}{mark(identity).upper()}"
        number = 2
        while name in taken or f"{name}Param" in taken:
            name, number = f"{name}{number}", number + 1
        taken |= {name, f"{name}Param"}
        names.append(name)
    return names


def free_class_name(wanted: str) -> str:
    """`wanted` as a class name that hides nothing the generated modules use."""
    name = class_name(wanted) or "Value"
    if not name.isidentifier() or not name[0].isupper():
        # Without an upper case, a class could have the name of a field and hide itself.
        name = f"N{name}"
    if len(name) > MAX_CLASS_LENGTH:
        name = name[: MAX_CLASS_LENGTH - 5] + mark(wanted).upper()
    return f"{name}Model" if name in CLASS_NAMES or keyword.iskeyword(name) else name


def class_name(wire: str) -> str:
    """`wire` in PascalCase; may be empty or begin with a digit."""
    name = "".join(word[:1].upper() + word[1:] for word in words_of(wire))
    name = unicodedata.normalize("NFKC", name)
    return name if len(name) <= MAX_LENGTH else name[: MAX_LENGTH - 6] + mark(wire).upper()


def singular(name: str) -> str:
    """The name for one item of a list called `name`."""
    if name.endswith(("ss", "us", "is", "eries", "pecies")) and not name.endswith("ueries"):
        return f"{name}Item"
    if name.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    if name.endswith(("xes", "ches", "shes", "sses")):
        return name[:-2]
    if name.endswith("s") and len(name) > 3:
        return name[:-1]
    return f"{name}Item"


def slug(server: str) -> str:
    """A server's name as a folder and distribution name: `[a-z0-9-]`, never empty."""
    ascii_text = unicodedata.normalize("NFKD", server).encode("ascii", "ignore").decode()
    name = _SLUG.sub("-", CAMEL.sub("-", ascii_text).lower()).strip("-")[:MAX_LENGTH].strip("-")
    if name in FOLDER_NAMES:
        return f"{name}-server"
    return name or f"server-{mark(server)}"


def package(server: str, chosen: str = "") -> str:
    """The import name of a server's SDK: `chosen` where that is one, else `<server>_sdk`."""
    taken = keyword.iskeyword(chosen) or chosen in INSTALLED_NAMES | WINDOWS_NAMES
    if _PACKAGE.fullmatch(chosen) and not taken:
        return chosen
    name = slug(server).replace("-", "_") + "_sdk"
    return name if name.isidentifier() else f"mcp_{name}"


def chosen_package(packages: Mapping[str, str], server: str) -> str:
    """What `packages` of a configuration chooses for a server, or nothing: what stands at its name,
    else at `*`, where a `*` in the value means the name that the package would have."""
    return packages.get(server) or packages.get(ANY_SERVER, "").replace("*", package(server))


def distribution(server: str, chosen: str = "") -> str:
    """The name under which a server's SDK is installed."""
    name = package(server, chosen)
    return f"{slug(server)}-sdk" if name != chosen else name.strip("_").replace("_", "-")


def client_class(server: str) -> str:
    """The class name of a server's client."""
    name = class_name(slug(server))
    if not name.isidentifier():
        name = f"Mcp{name}"
    taken = name in CLASS_NAMES or f"Async{name}" in CLASS_NAMES or keyword.iskeyword(name)
    return f"{name}Server" if taken else name


def instance(server: str, edition: int = 2) -> str:
    """The name of a server's ready-made client: no name that Python or its library has already.

    In edition 1 (see `Snapshot.edition`) it may be that of a module of the standard library.
    """
    name = slug(server).replace("-", "_")
    if not name.isidentifier():
        name = f"mcp_{name}"
    reserved = name in INSTANCE_NAMES or keyword.iskeyword(name) or name in ANNOTATION_NAMES
    hides = edition > 1 and name in STANDARD_NAMES
    return f"{name}_server" if reserved or hides else name
