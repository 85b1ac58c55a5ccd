"""`python tools/obeyed_names.py CATALOG LANGUAGES`: the names that programs obey, from two lists.

CATALOG is `src/api/json/catalog.json` of https://github.com/SchemaStore/schemastore: which files
are configurations of which program. LANGUAGES is `lib/linguist/languages.yml` of
https://github.com/github-linguist/linguist: which files are code of which language by their name
alone. Writes the names that have no folder, are not hidden and are no everyday names of data to
`generator/mcp_sdkgen/cli/running/obeyed_names.txt`.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).parents[1] / "generator/mcp_sdkgen/cli/running/obeyed_names.txt"
HEAD = """\
# Written by tools/obeyed_names.py; names of files, casefolded, * for any text.
# From the catalog of SchemaStore (Apache-2.0, https://github.com/SchemaStore/schemastore)
# and languages.yml of Linguist (MIT, https://github.com/github-linguist/linguist).
"""
_DATA = """
    api arazzo arb bom citation cluster columns commands component contents contribute copy cv
    cycle entity feed fields flow fursona glossary grammar info inventory macro meeting-output
    messages mimetypes mocks notebook openapi open-rpc openrpc pattern pricing problem proxies
    recipe resume stubs submissions swagger template theme version watch workflows
"""
DATA = frozenset(_DATA.split())
"""Names, before their first dot, that programs give to documents of theirs."""
DOCUMENTS = frozenset({"Checksums", "Hosts File", "Jupyter Notebook", "robots.txt"})
"""Languages of files that nothing runs."""


_LINE = re.compile(r'^  - "?(.*?)"?$', re.MULTILINE)


def named(pattern: str) -> Iterator[str]:
    """A pattern of the catalog as a name; none where it needs a folder or is too wide."""
    name = pattern.removeprefix("**/").casefold()
    is_narrow = re.fullmatch(r"[a-z0-9_][^*/\s]{2,}(\*?[^*/\s]+)?", name)
    if is_narrow and name.partition(".")[0].rstrip("*") not in DATA:
        yield name


def names(catalog: Path, languages: Path) -> set[str]:
    """All names of both lists."""
    schemas = json.loads(catalog.read_text(encoding="utf-8"))["schemas"]
    found = {name for one in schemas for each in one.get("fileMatch", ()) for name in named(each)}
    for language in re.split(r"^(?=\S)", languages.read_text(encoding="utf-8"), flags=re.MULTILINE):
        listed = re.search(r"^  filenames:\n((?:  - .*\n)+)", language, re.MULTILINE)
        if listed and "\n  type: prose\n" not in language and not _is_document(language):
            found |= {name for each in _LINE.findall(listed[1]) for name in named(each)}
    return found


def _is_document(language: str) -> bool:
    return language.partition(":")[0] in DOCUMENTS


def main() -> int:
    """Write the file."""
    catalog, languages = map(Path, sys.argv[1:])
    lines = textwrap.wrap(
        " ".join(sorted(names(catalog, languages))), 98, break_on_hyphens=False,
        break_long_words=False,
    )  # fmt: skip
    TARGET.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
