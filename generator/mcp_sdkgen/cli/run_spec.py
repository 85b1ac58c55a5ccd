"""What a run is started with on a command line, and what an executor needs for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mcp_sdkgen_codemode import Limits, Policy, Sdk
from mcp_sdkgen_codemode.catalog import check_keys, chosen
from mcp_sdkgen_codemode.executor.options import ExecutorOptions
from mcp_sdkgen_codemode.policy.approval_store import ApprovalStore
from mcp_sdkgen_codemode.policy.services import PinnedTool
from mcp_sdkgen_runtime import SessionOptions
from mcp_sdkgen_runtime.files import data_folder
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from ..config import nearest
from ..errors import ConfigError
from ..provision.at_hand import at_hand
from ..provision.provisioned import Provisioned
from ..source import Resolved, resolve
from .found_policy import check_policy, policy_in_force
from .program_input import InputFile
from .saved_programs import library_of
from .show import note, waiting

if TYPE_CHECKING:
    from ..lock.lock import OnProgress

HARMLESS: Final = ("title", "argv")
"""What of a run is a text that its program or a reader gets, and gives authority over nothing."""


class NoSdk(ConfigError):
    """There is no SDK for programs to use."""


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class RunSpec:
    """What a run was started with, as its journal keeps it."""

    title: str = "program"
    config: str | None = None
    sdk: Sequence[str] = ()
    allow: Sequence[str] = ()
    ask: Sequence[str] = ()
    deny: Sequence[str] = ()
    timeout_s: float | None = None
    packages: Sequence[str] = ()
    engine: str = ""
    typecheck: bool = True
    argv: Sequence[str] = ()
    inputs: Sequence[InputFile] = ()

    @classmethod
    def of_journal(cls, facts: Mapping[str, Any]) -> RunSpec:
        """What a run was started with. Raises `ConfigError` for facts of another version, or of
        other types."""
        # `check` is what `typecheck` was called. `principal` says whose run it is, not how to run.
        renamed = {
            ("typecheck" if key == "check" else key): value
            for key, value in facts.items()
            if key != "principal"
        }
        if unknown := sorted(renamed.keys() - {field.name for field in fields(cls)}):
            raise ConfigError(
                f"the journal has an option {unknown[0]!r}, which this version does not know",
                hint="start the program again with `mcp-sdkgen run`",
            )
        try:
            return TypeAdapter(cls).validate_json(json.dumps(renamed), strict=True)
        except ValidationError as error:
            wrong = error.errors(include_url=False)[0]
            place = ".".join(str(each) for each in wrong["loc"])
            raise ConfigError(
                f"the journal has a wrong option: {place}: {wrong['msg']}",
                hint="start the program again with `mcp-sdkgen run`",
            ) from None

    def as_json(self) -> dict[str, Any]:
        """The same for a journal."""
        return asdict(self)

    def without_authority(self) -> RunSpec:
        """The same as somebody else wrote it: texts for the program. Nothing that chooses servers,
        files or a sandbox, and no rule, is carried over, also not of what is added later."""
        return RunSpec(**{name: getattr(self, name) for name in HARMLESS})

    def with_typed(self, typed: RunSpec) -> RunSpec:
        """The same with what a person has typed to go on: rules and files are added, all else
        takes the place of what was recorded."""
        names = {file.name for file in typed.inputs}
        return replace(
            self,
            config=typed.config or self.config,
            sdk=typed.sdk or self.sdk,
            allow=[*self.allow, *typed.allow],
            ask=[*self.ask, *typed.ask],
            deny=[*self.deny, *typed.deny],
            timeout_s=self.timeout_s if typed.timeout_s is None else typed.timeout_s,
            packages=typed.packages or self.packages,
            engine=typed.engine or self.engine,
            typecheck=self.typecheck and typed.typecheck,
            inputs=[*(each for each in self.inputs if each.name not in names), *typed.inputs],
        )

    def resolved(self) -> Resolved | None:
        """The servers and the policy of its configuration. None if it names none."""
        return None if self.config is None else resolve([self.config])

    def policy(self, resolved: Resolved | None, *, may_ask: bool = False) -> Policy:
        """The policy of the configuration, else of those found, with the command line's rules.

        A file that was found, and that nobody has trusted, only tightens. A person at the terminal
        may be asked to trust one that would allow more, with `may_ask`. Raises `ConfigError`.
        """
        return policy_in_force(
            None if resolved is None else resolved.policy,
            allow=self.allow, ask=self.ask, deny=self.deny, may_ask=may_ask,
        )  # fmt: skip

    def provision(
        self,
        resolved: Resolved | None,
        *,
        update: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Provisioned:
        """The SDKs of the configuration, else those of this folder and those installed; of these,
        the ones it names.

        What cannot be built costs only itself. Raises `ConfigError` when there are none.
        """
        here = at_hand(Path.cwd(), resolved)
        available = Provisioned(here.sdks, notes=here.notes)
        if resolved is not None:
            # Deferred: it can build SDKs.
            from ..provision.provision import supply

            supplied = supply(
                resolved.sources, sdks=here.sdks, update=update, on_progress=on_progress
            )
            available = replace(supplied, notes=(*here.notes, *supplied.notes))
        try:
            sdks = chosen(self.sdk, available.sdks) if self.sdk else available.sdks
        except ValueError as error:
            raise ConfigError(str(error)) from None
        if not sdks:
            failed = "; ".join(f"{one.server}: {one.error}" for one in available.failed)
            raise NoSdk(
                f"there is no SDK for programs to use{': ' + failed if failed else ''}",
                detail="\n".join(here.notes),
                hint=here.hint,
            )
        return replace(available, sdks=sdks)

    def servers(self, resolved: Resolved | None) -> set[str]:
        """The keys of all servers that a policy may speak of, used here or not."""
        if resolved is not None:
            return {source.name for source in resolved.sources}
        near = nearest(Path.cwd())
        configured = {server.name for server in near.servers} if near is not None else set()
        return configured | {sdk.key for sdk in at_hand(Path.cwd()).sdks}

    def executor_options(
        self, policy: Policy, provisioned: Provisioned, resolved: Resolved | None
    ) -> ExecutorOptions:
        """What an executor needs.

        Raises `ConfigError` for two SDKs of one server that differ, and for a policy with parts
        that would be without effect.
        """
        sdks = provisioned.sdks
        _check_keys(sdks)
        absent = sorted(self.servers(resolved) - {sdk.key for sdk in sdks})
        tools = [PinnedTool(sdk.key, one) for sdk in sdks for one in sdk.definitions.values()]
        check_policy(policy, tools, absent)
        return ExecutorOptions(
            absent=absent,
            sdks=provisioned.sdks,
            bindings=provisioned.bindings,
            policy=policy,
            limits=Limits() if self.timeout_s is None else Limits(time_s=self.timeout_s),
            approved=ApprovalStore(data_folder() / "approvals.json"),
            packages=self.packages,
            engine=self.engine,
            library=library_of(self.config),
            session=SessionOptions(on_waiting=waiting),
        )

    def ready(self) -> ExecutorOptions:
        """All of it at once, for a verb at a terminal, whose user sees what is left out.

        Raises `ConfigError`.
        """
        resolved = self.resolved()
        policy = self.policy(resolved, may_ask=True)
        return self.executor_options(policy, self.shown(resolved), resolved)

    def shown(self, resolved: Resolved | None) -> Provisioned:
        """The SDKs as `provision` finds them, with a bar while they are built. Tells on stderr what
        is left out. Raises `ConfigError`."""
        if resolved is None:
            found = self.provision(None)
        else:
            # Deferred: its bars and tables take a while to import, and most runs build nothing.
            from .show_work import progress

            with progress() as on_progress:
                found = self.provision(resolved, on_progress=on_progress)
        for failed in found.failed:
            note(f"{failed.server} is left out: {failed.error}")
        for words in found.notes:
            note(words)
        return found


def told_of(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each fact of a journal that is not as in a run without options, by its name, as JSON."""
    plain_run = json.loads(json.dumps(RunSpec().as_json()))
    for name, value in facts.items():
        if name not in plain_run or value != plain_run[name]:
            yield name, json.dumps(value, ensure_ascii=False)


def provisioned(config: Path | None, names: Sequence[str] | None) -> Provisioned:
    """The SDKs that `--config` and `--sdk` mean. Raises `ConfigError` when there are none."""
    spec = RunSpec(config=str(config) if config else None, sdk=names or ())
    return spec.shown(spec.resolved())


def runnable(config: Path | None, names: Sequence[str] | None) -> tuple[Sdk, ...]:
    """The same, if programs can run with all of them. Raises `ConfigError`."""
    sdks = provisioned(config, names).sdks
    _check_keys(sdks)
    return sdks


def _check_keys(sdks: Sequence[Sdk]) -> None:
    try:
        check_keys(sdks)
    except ValueError as error:
        raise ConfigError(str(error)) from None
