"""The command line. Every command is loaded when it is called: the start of the window waits for nothing else."""

from lanchat.cli.program import main

__all__ = ["main"]
