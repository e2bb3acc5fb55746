"""签到看板: the sample micro-app, which ``sanfang demo`` runs and ``examples/checkin-board`` starts.

What an ISV would write on `sanfang.isv`, and no more: ``board`` keeps the check-ins, ``people``
knows the departments, ``web`` is the server; the pages are in ``static``. It knows nothing of the
platform but what the open API says.
"""

from .web import BoardApp, make_board

__all__ = ["BoardApp", "make_board"]
