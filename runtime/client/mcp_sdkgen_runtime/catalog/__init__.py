"""What is installed, and how it is read and searched.

Programs in a sandbox use it too: `from mcp_sdkgen_runtime import catalog`, as the prompt tells
models to, and what they call stands here.
"""

from .index import Entry as Entry
from .index import Sdk as Sdk
from .index import index as index
from .index import installed as installed
from .index import model as model
from .index import page as page
from .search import search as search
from .search import unmatched_words as unmatched_words
