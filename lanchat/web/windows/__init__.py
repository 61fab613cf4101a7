"""Who may use the window's app, and how a browser that was let in once comes back."""

from lanchat.web.windows.keys import ONCE_LIFE, Keys
from lanchat.web.windows.routes import routes
from lanchat.web.windows.sign_ins import FILE, SignIns

__all__ = ["FILE", "ONCE_LIFE", "Keys", "SignIns", "routes"]
