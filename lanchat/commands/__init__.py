"""The commands of the command line that need no window, each loaded by itself when it is called."""
