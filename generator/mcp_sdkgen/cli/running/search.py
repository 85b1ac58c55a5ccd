"""`mcp-sdkgen search`"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from mcp_sdkgen_codemode.prompting.answers import no_tool_has
from mcp_sdkgen_codemode.tool_search.search import search as find
from mcp_sdkgen_codemode.tool_search.search import unmatched_words
from mcp_sdkgen_runtime.catalog.programs import PACKAGE

from ...errors import SdkgenError
from .. import options
from ..run_spec import provisioned
from ..saved_programs import library_of
from ..show import print_json, safe, stderr, stdout
from ..show_work import ENCODING, counting

FORMAT = "mcp-sdkgen/search/1"


def search(
    words: Annotated[
        list[str], typer.Argument(metavar="WORD...", help="What the tool should do, in any words.")
    ],
    limit: Annotated[int, typer.Option(min=1, help="How many tools to show.")] = 10,
    config: options.Config = None,
    sdk: options.Sdks = None,
    rerank: options.Rerank = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Find tools and saved programs by words, the best first.

    Exit code 0: found. 1: nothing fits. 2: wrong usage, or no SDK.
    """
    options.check_rerank(rerank)
    query = " ".join(words)
    sdks = provisioned(config, sdk).sdks
    programs = library_of(config).program_set(sdks).programs
    try:
        with counting(ENCODING) as tell:
            found = find(query, limit, sdks, rerank=rerank, programs=programs, on_progress=tell)
        missing = unmatched_words(query, sdks)
    except RuntimeError as error:
        raise SdkgenError(str(error)) from None
    if as_json:
        tools = [asdict(entry) for entry in found]
        print_json({"format": FORMAT, "query": query, "tools": tools, "unmatched": list(missing)})
    for entry in () if as_json else found:
        stdout.print(safe(entry.signature, "bold"), soft_wrap=True)
        stdout.print(safe(f"    {entry.package}: {entry.summary}"), soft_wrap=True)
    if not found:
        stderr.print(safe(f"no tool fits {query!r}"), soft_wrap=True)
    elif missing and not as_json and not any(entry.package == PACKAGE for entry in found):
        # Of a saved program that was found, the words are those that no tool needs to have.
        stderr.print(safe(no_tool_has(missing)), soft_wrap=True)
    return 0 if found else 1
