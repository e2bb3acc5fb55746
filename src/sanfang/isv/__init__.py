"""An ISV's app: `SuiteApp` receives the platform's pushes and keeps the authorised corps.

`CorpApp` is the same for one enterprise's own app. Both sign pages for ``dd.config`` and sign people in.

Importing this loads no HTTP library and no server.
"""

from sanfang.protocol.refusals import CallbackError

from .app import SuiteApp
from .asgi import Answer
from .authorised import AuthorisedCorp
from .backoff import Backoff
from .clock import Clock, SystemClock
from .corp_app import CorpApp
from .database import DataFileError
from .doors import NoSuchAgent, UnknownCorp
from .health import Health
from .inbox import DeadLetter
from .origins import ForeignPage
from .outcomes import GiveUp
from .people import Administrator, CodeNotValid, Person, Visitor
from .records import Agent, CorpState
from .runtime import NotConfigured
from .suite_file import SuiteMismatch

__all__ = [
    "Administrator",
    "Agent",
    "Answer",
    "AuthorisedCorp",
    "Backoff",
    "CallbackError",
    "Clock",
    "CodeNotValid",
    "CorpApp",
    "CorpState",
    "DataFileError",
    "DeadLetter",
    "ForeignPage",
    "GiveUp",
    "Health",
    "NoSuchAgent",
    "NotConfigured",
    "Person",
    "SuiteApp",
    "SuiteMismatch",
    "SystemClock",
    "UnknownCorp",
    "Visitor",
]
