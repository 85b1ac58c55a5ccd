"""mcp-sdkgen: MCP servers in, typed pip-installable Python SDKs out.

from mcp_sdkgen import build, generate, take_snapshot

snapshot = take_snapshot("mcp.json", server="weather")   # or await take_snapshot_async(...)
files = generate(snapshot).files                          # pure: path → text
report = build(["mcp.json"], out="generated")             # or await build_async(...)
"""

from typing import TYPE_CHECKING

from mcp_sdkgen_runtime import lazy as _lazy

if TYPE_CHECKING:
    from .diagnostic import Diagnostic as Diagnostic
    from .diagnostic import Level as Level
    from .drift import Change as Change
    from .drift import Drift as Drift
    from .drift import Severity as Severity
    from .drift import compare as compare
    from .emit.generate import Generated as Generated
    from .emit.generate import generate as generate
    from .errors import BuildError as BuildError
    from .errors import ConfigError as ConfigError
    from .errors import SdkgenError as SdkgenError
    from .errors import SnapshotError as SnapshotError
    from .errors import SourceError as SourceError
    from .lock.lock import Progress as Progress
    from .lock.lock import Stage as Stage
    from .pipeline import build as build
    from .pipeline import build_async as build_async
    from .report import Report as Report
    from .report import ServerReport as ServerReport
    from .report import ToolReport as ToolReport
    from .snapshot import Snapshot as Snapshot
    from .source.fetch import take_snapshot as take_snapshot
    from .source.fetch import take_snapshot_async as take_snapshot_async

else:
    __getattr__ = _lazy.lazy_exports(
        __name__,
        {
            "build": "pipeline",
            "build_async": "pipeline",
            "Diagnostic": "diagnostic",
            "Level": "diagnostic",
            "Change": "drift",
            "Drift": "drift",
            "Severity": "drift",
            "compare": "drift",
            "BuildError": "errors",
            "ConfigError": "errors",
            "SdkgenError": "errors",
            "SnapshotError": "errors",
            "SourceError": "errors",
            "Generated": "emit.generate",
            "generate": "emit.generate",
            "Progress": "lock.lock",
            "Stage": "lock.lock",
            "Report": "report",
            "ServerReport": "report",
            "ToolReport": "report",
            "Snapshot": "snapshot",
            "take_snapshot": "source.fetch",
            "take_snapshot_async": "source.fetch",
        },
    )
