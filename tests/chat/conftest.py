"""One executor for all chats of a worker; what must not come from the environment is not there."""

from __future__ import annotations

from tests.codemode.conftest import sdk_site as sdk_site
from tests.execute.conftest import executor as executor
