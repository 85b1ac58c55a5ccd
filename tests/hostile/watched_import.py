"""Run as a program: import every module of the SDK in a folder, under an audit hook.

`python -I watched_import.py FOLDER PACKAGE` prints `fine` when nothing but imports happened.
"""

import importlib
import json
import os
import re
import sys
from pathlib import Path

FORBIDDEN = re.compile(
    r"socket\.|subprocess\.|os\.(system|exec|fork|forkpty|posix_spawn|spawn|startfile|remove|rename"
    r"|mkdir|rmdir|link|symlink|chmod|chown|truncate|putenv)|shutil\.|ctypes\.|urllib\.|ftplib\."
    r"|http\.|smtplib\.|webbrowser\.|pty\.|code\.__new__|sys\.(settrace|setprofile)"
)


def watch(folder: Path) -> None:
    known = tuple({str(folder), sys.prefix, sys.base_prefix, *map(str, RUNTIME)})

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if FORBIDDEN.match(event):
            fail(event, arguments)
        if event == "open":
            _, mode, flags = arguments
            written = isinstance(mode, str) and set(mode) & set("wax+")
            if written or (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)):
                fail(event, arguments)
        if event == "exec":
            code = arguments[0]
            name = getattr(code, "co_filename", "?")
            # Annotations are evaluated from text: they may name things and build a Field.
            # jsonschema makes its validators with attrs, which writes their methods as text.
            named = getattr(code, "co_names", ())
            plain = all(re.fullmatch(r"[^\W_]\w*", each) for each in named)
            ours = name.startswith((*known, "<frozen", "<attrs generated methods jsonschema."))
            if not ours and not (name == "<string>" and plain):
                fail(event, (name, named))

    sys.addaudithook(hook)


def fail(event: str, arguments: object) -> None:
    sys.stdout.write(f"forbidden: {event} {ascii(arguments)[:300]}\n")
    sys.stdout.flush()
    os._exit(3)


folder, package = Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(folder))
sys.dont_write_bytecode = True
VALIDATORS = ("jsonschema_rs", "jsonschema.validators", "jsonschema_specifications")
for name in ("mcp_sdkgen_runtime", "pydantic", "mcp_sdkgen_runtime.tool.tool", *VALIDATORS):
    importlib.import_module(name)
RUNTIME = [Path(importlib.import_module("mcp_sdkgen_runtime").__file__ or "").parent]
NEEDED = "client.client client.groups tool.codec errors content.results schema.validation"
for name in NEEDED.split():
    importlib.import_module(f"mcp_sdkgen_runtime.{name}")
watch(folder)
for path in sorted((folder / package).rglob("*.py")):
    parts = path.relative_to(folder).with_suffix("").parts
    module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
    if (tool := getattr(module, "TOOL", None)) is not None:
        assert tool.result_adapter and isinstance(tool.definition, dict), path
        assert tool.wire_names is not None and tool.title is not None, path
        if tool.check is not None:
            tool.check({"x": 1})
        json.dumps(tool.definition)
sys.stdout.write("fine\n")
