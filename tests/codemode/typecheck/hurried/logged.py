# hint: await
import logging
from everything_sdk import AsyncEverything
logging.basicConfig(level=logging.INFO)
e = AsyncEverything()
logging.info("env: %s", e.get_env())
