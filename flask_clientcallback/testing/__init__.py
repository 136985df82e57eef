"""A test client that gets a page and makes its callbacks."""

from .answer import CallbackAnswer
from .answer import CallbackJob
from .calls import CallbackTarget
from .client import CallbackClient
from .memory_store import MemoryStore
from .page import ClientPage
from .page_form import PageForm
from .page_form import PageForms
from .page_form import SubmitButton

__all__ = [
    "CallbackAnswer",
    "CallbackClient",
    "CallbackJob",
    "CallbackTarget",
    "ClientPage",
    "MemoryStore",
    "PageForm",
    "PageForms",
    "SubmitButton",
]
