"""Which variables of its own environment a process hands to the servers that it starts.

A server sees what its entry names and these, and nothing else: whatever a shell holds besides, such
as tokens, is not for it. The list is documented in `docs/reference/configuration.md`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

_USER = "HOME LOGNAME PATH SHELL USER TMPDIR"
_DISPLAY = "LANG LANGUAGE LC_ALL LC_CTYPE TERM TZ"
_WINDOWS = """
    APPDATA COMSPEC HOMEDRIVE HOMEPATH LOCALAPPDATA PATHEXT PROCESSOR_ARCHITECTURE PROGRAMDATA
    PROGRAMFILES SYSTEMDRIVE SYSTEMROOT TEMP TMP USERNAME USERPROFILE WINDIR
"""
_FOLDERS = "XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR XDG_STATE_HOME"
_PROXIES = "ALL_PROXY HTTP_PROXY HTTPS_PROXY NO_PROXY NODE_USE_ENV_PROXY"
_CERTIFICATES = """
    CURL_CA_BUNDLE GIT_SSL_CAINFO NIX_SSL_CERT_FILE NODE_EXTRA_CA_CERTS NODE_USE_SYSTEM_CA PIP_CERT
    REQUESTS_CA_BUNDLE SSL_CERT_DIR SSL_CERT_FILE
"""
_PACKAGE_MANAGERS = """
    BUN_INSTALL BUN_INSTALL_CACHE_DIR COREPACK_HOME DENO_DIR
    NPM_CONFIG_CACHE NPM_CONFIG_CAFILE NPM_CONFIG_GLOBALCONFIG NPM_CONFIG_HTTPS_PROXY
    NPM_CONFIG_NOPROXY NPM_CONFIG_OFFLINE NPM_CONFIG_PREFER_OFFLINE NPM_CONFIG_PREFIX
    NPM_CONFIG_PROXY NPM_CONFIG_REGISTRY NPM_CONFIG_STRICT_SSL NPM_CONFIG_USERCONFIG
    PIP_CONFIG_FILE PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_INDEX_URL PIP_NO_INDEX PIPX_BIN_DIR
    PIPX_HOME PNPM_HOME
    UV_CACHE_DIR UV_CONCURRENT_DOWNLOADS UV_CONFIG_FILE UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL
    UV_FIND_LINKS UV_HTTP_TIMEOUT UV_INDEX UV_INDEX_URL UV_INSECURE_HOST UV_LINK_MODE UV_NATIVE_TLS
    UV_NO_INDEX UV_NO_CONFIG UV_OFFLINE UV_PYTHON UV_PYTHON_DOWNLOADS UV_PYTHON_INSTALL_DIR
    UV_PYTHON_INSTALL_MIRROR UV_PYTHON_PREFERENCE UV_SYSTEM_CERTS UV_TOOL_BIN_DIR UV_TOOL_DIR
"""
_TOOLCHAINS = """
    ASDF_DATA_DIR ASDF_DIR CARGO_HOME DOCKER_CONFIG DOCKER_CONTEXT DOCKER_HOST DOTNET_ROOT FNM_DIR
    FNM_MULTISHELL_PATH GOBIN GOCACHE GOMODCACHE GOPATH GOPROXY GOROOT JAVA_HOME MISE_DATA_DIR
    NVM_BIN NVM_DIR PYENV_ROOT PYENV_VERSION RUSTUP_HOME VOLTA_HOME
"""

_REDIRECTING = frozenset(
    " ".join(
        (_USER, _WINDOWS, _FOLDERS, _PROXIES, _CERTIFICATES, _PACKAGE_MANAGERS, _TOOLCHAINS)
    ).split()
)
_CONNECTING: Final = frozenset(
    ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_DIR", "SSL_CERT_FILE"]
)
PASSED_ON: Final = _REDIRECTING | set(_DISPLAY.split())
"""Names in capitals: proxies and npm's settings are commonly written small, and count too."""


def passed_on(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of `environ`, which is this process's own if unset, that a server gets."""
    environ = os.environ if environ is None else environ
    return {
        name: value
        for name, value in environ.items()
        # A shell's exported function is code.
        if name.upper() in PASSED_ON and not value.startswith("()")
    }


def connecting(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Those by which a connection over HTTP of this process goes through a proxy, or trusts whoever
    presents a certificate."""
    environ = os.environ if environ is None else environ
    return {name: value for name, value in environ.items() if name.upper() in _CONNECTING}


def redirecting(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Those of the same that can change what a command runs or whom it asks: all but the variables
    of language, terminal and time."""
    found = passed_on(environ)
    return {name: value for name, value in found.items() if name.upper() in _REDIRECTING}
