"""The command line. typer and rich live only here."""

from .app import main as main
