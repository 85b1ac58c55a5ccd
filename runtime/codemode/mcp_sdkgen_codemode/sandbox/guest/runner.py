"""Running one program as `__main__`."""

from __future__ import annotations

import ast
import asyncio
import inspect
import linecache
import sys
import threading
from types import CodeType, ModuleType
from typing import Any

from .serialize import ABSENT, as_json
from .tracebacks import describe
from .unawaited import Unawaited

_VALUE = "<value>"
"""Where the value of the last expression is kept: no name that a program could have."""


class Programs:
    """The `__main__` module and event loop, which programs of one session share."""

    def __init__(self) -> None:
        self.module = ModuleType("__main__")
        self.module.__dict__["__builtins__"] = __builtins__
        self._runner: asyncio.Runner | None = None
        self._unawaited = Unawaited()

    def run(self, program: str, argv: list[str], limits: dict[str, Any]) -> dict[str, Any]:
        """Run a program to its end; the parameters of `sandbox/result`.

        `argv` are its name and its arguments.
        """
        result = self._result(program, argv, limits)
        try:
            loop = None if self._runner is None else self._runner.get_loop()
            return result | self._unawaited.told(loop)
        except MemoryError:  # there is no room left to look for them
            return result

    def _result(self, program: str, argv: list[str], limits: dict[str, Any]) -> dict[str, Any]:
        filename = argv[0]
        program = program.removeprefix("\ufeff")  # as Python reads a file
        namespace = self.module.__dict__
        namespace["__file__"] = filename
        namespace.pop(_VALUE, None)
        sys.modules["__main__"] = self.module
        sys.argv = argv
        linecache.cache[filename] = (len(program), None, program.splitlines(True), filename)
        try:
            self._execute(_compiled(program, filename), namespace)
        except SystemExit as error:
            if error.code in (None, 0):
                return {"status": "finished"}
            return _failed(error, filename)
        except MemoryError as error:
            described = describe(error, filename)
            # Make room to tell it.
            error.__traceback__ = None
            namespace.clear()
            return {"status": "failed", "error": described}
        except BaseException as error:
            return _failed(error, filename)
        try:
            value = as_json(namespace.pop(_VALUE, ABSENT), int(limits["value_bytes"]))
        except BaseException as error:
            return _failed(error, filename)
        return {"status": "finished"} | ({} if value is ABSENT else {"value": value})

    def _execute(self, code: CodeType, namespace: dict[str, Any]) -> None:
        if not code.co_flags & inspect.CO_COROUTINE:
            exec(code, namespace)  # noqa: S102
            return
        if self._runner is None:
            self._runner = asyncio.Runner()
        self._runner.run(eval(code, namespace))  # noqa: S307

    def end(self) -> None:
        """Do what Python does when a script ends: cancel tasks, and wait for ordinary threads."""
        if self._runner is not None:
            self._runner.close()
        threading._shutdown()  # type: ignore[attr-defined]


def _compiled(program: str, filename: str) -> CodeType:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(program, filename, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        kept = ast.Assign([ast.Name(_VALUE, ast.Store())], last.value)
        ast.fix_missing_locations(ast.copy_location(kept, last))
        ast.copy_location(kept.targets[0], last)
        tree.body[-1] = kept
    code: CodeType = compile(tree, filename, "exec", flags, dont_inherit=True)
    return code


def _failed(error: BaseException, filename: str) -> dict[str, Any]:
    try:
        described = describe(error, filename)
    except BaseException:
        described = {"type": "BaseException", "message": "(an exception that cannot be described)"}
    return {"status": "failed", "error": described}
