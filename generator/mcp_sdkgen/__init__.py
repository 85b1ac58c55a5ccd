"""mcp-sdkgen: MCP servers in, typed pip-installable Python SDKs out.

from mcp_sdkgen import Snapshot, build, generate

snapshot = Snapshot.take("mcp.json", server="weather")   # or await Snapshot.take_async(...)
files = generate(snapshot).files                          # pure: path → text
report = build(["mcp.json"], out="generated")             # or await build_async(...)
"""

from typing import TYPE_CHECKING

from mcp_sdkgen_runtime import lazy as _lazy

if TYPE_CHECKING:
    from .build import build as build
    from .build import build_async as build_async
    from .diagnostic import Diagnostic as Diagnostic
    from .diagnostic import Level as Level
    from .drift import Change as Change
    from .drift import Drift as Drift
    from .drift import Severity as Severity
    from .drift import compare as compare
    from .errors import BuildError as BuildError
    from .errors import ConfigError as ConfigError
    from .errors import SdkgenError as SdkgenError
    from .errors import SnapshotError as SnapshotError
    from .errors import SourceError as SourceError
    from .generate import Generated as Generated
    from .generate import generate as generate
    from .lock import Progress as Progress
    from .lock import Stage as Stage
    from .report import Report as Report
    from .report import ServerReport as ServerReport
    from .report import ToolReport as ToolReport
    from .snapshot import Snapshot as Snapshot

else:
    _lazy.keep_exports(__name__, ("build", "generate"))
    __getattr__ = _lazy.lazy_exports(
        __name__,
        {
            "build_async": "build",
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
            "Generated": "generate",
            "Progress": "lock",
            "Stage": "lock",
            "Report": "report",
            "ServerReport": "report",
            "ToolReport": "report",
            "Snapshot": "snapshot",
        },
    )
