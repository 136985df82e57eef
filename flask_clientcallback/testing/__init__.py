"""A test client that gets a page and makes its callbacks."""

from .client import CallbackAnswer
from .client import CallbackClient
from .client import ClientPage

__all__ = ["CallbackAnswer", "CallbackClient", "ClientPage"]
