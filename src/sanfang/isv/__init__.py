"""An ISV's app: `SuiteApp` receives the platform's pushes and keeps the authorised corps.

Importing this loads no HTTP library and no server.
"""

from sanfang.protocol.refusals import CallbackError

from .app import SuiteApp, UnknownCorp
from .asgi import Answer
from .authorised import AuthorisedCorp
from .backoff import Backoff
from .clock import Clock, SystemClock
from .database import DataFileError
from .health import Health
from .inbox import DeadLetter
from .outcomes import GiveUp
from .records import Agent, CorpState
from .runtime import NotConfigured
from .suite_file import SuiteMismatch

__all__ = [
    "Agent",
    "Answer",
    "AuthorisedCorp",
    "Backoff",
    "CallbackError",
    "Clock",
    "CorpState",
    "DataFileError",
    "DeadLetter",
    "GiveUp",
    "Health",
    "NotConfigured",
    "SuiteApp",
    "SuiteMismatch",
    "SystemClock",
    "UnknownCorp",
]
