"""One executor for all chats of a worker; what must not come from the environment is not there."""

from __future__ import annotations

from tests.execute.conftest import executor as executor
