"""JSON Schema, drafts 03 to 2020-12, to the small subset that has a Python type.

Every step widens: the type accepts each value that the schema accepts, and some more. Exactness
is the business of a JSON Schema validator run on the original schema.
"""

from .document import Document as Document
from .document import Node as Node
from .document import TooComplex as TooComplex
from .normalise import Normaliser as Normaliser
from .normalised import NormalisedModel as NormalisedModel
from .normalised import NormalisedProperty as NormalisedProperty
from .shape import unresolved as unresolved
from .subset import Type as Type
