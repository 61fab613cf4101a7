"""The limits and times of the protocol."""

VERSION = 2
"""Version of the protocol that this program speaks."""
MAX_FRAME = 65_536
"""Largest frame that a node reads, in bytes."""
MAX_SENT = 262_144
"""Largest frame that a node sends, in bytes."""
MAX_TEXT = 4_000
"""Longest text of one message, in Unicode code points."""
MAX_NONCE = 64
"""Longest nonce, in characters."""
MAX_EMOJI = 16
"""Longest reaction, in Unicode code points."""
MAX_STEPS = 32
"""Most pairs in `read` of receipts."""
MAX_REF = 2**53 - 1
"""Highest ref of a command: what every JSON reader keeps as an exact integer."""
MIN_PASSPHRASE = 8
"""Shortest passphrase of a room that is set, in characters."""
MAX_PASSPHRASE = 200
"""Longest passphrase, and longest code of an invitation, in characters."""
MAX_INVITATION = 30 * 86_400
"""Longest time that an invitation stands, in seconds."""
MAX_ADDRESS = 255
"""Longest address of a node, in characters."""
PAGE = 50
"""Events in a page unless the client asks for another number."""
MAX_BROUGHT = 64
"""Most posts that a link brings in one frame."""
MAX_PAGE = 500
"""Most events in one page."""
FAR = 2 * MAX_PAGE
"""Events that somebody may be behind and still gets one by one; who is further behind goes on near the top."""
HEARTBEAT = 10.0
"""Seconds between two heartbeats, and between two announcements of presence."""
SILENCE = 25.0
"""Seconds without any frame after which the other side counts as gone."""
QUIET_FOR_GOOD = -1
"""In place of seconds of quiet: until the person ends it."""
