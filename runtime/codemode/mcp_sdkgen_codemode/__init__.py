"""Code mode: finding the SDKs that programs may be written against."""

from .catalog import Sdk as Sdk
from .catalog import installed as installed
