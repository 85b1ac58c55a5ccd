"""What in a server's tool list makes its SDK worse, with a score and the fix for each finding."""

from .finding import Finding as Finding
from .finding import Lint as Lint
from .finding import ToolLint as ToolLint
from .hosts import HOST_RULES as HOST_RULES
from .hosts import HostFinding as HostFinding
from .lint import lint as lint
from .rules import RULES as RULES
from .rules import Rule as Rule
