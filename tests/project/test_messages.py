"""The documentation has each message that the package can give."""

from __future__ import annotations

import re

import pytest

from ..helpers.documentation import read
from ..helpers.messages import documented
from ..helpers.messages import has_words
from ..helpers.messages import is_in
from ..helpers.messages import Message
from ..helpers.messages import of_python
from ..helpers.messages import of_scripts
from ..helpers.messages import PAGE

SOURCES = {"python": of_python, "scripts": of_scripts}


def test_messages_are_found() -> None:
    """What the test goes by is really found."""
    assert len(documented()) > 300
    found = of_python()
    assert ("state expired",) in found
    assert ("There is no setting",) in found
    assert ("The job", "was interrupted") in found
    assert ("Number must be at least",) in found
    assert ("Two calls changed the state.",) in of_scripts()
    assert ("Do you mean",) in of_scripts()


@pytest.mark.parametrize("source", SOURCES)
def test_messages(source: str) -> None:
    """Each message has a row in the tables of the page."""
    texts = documented()
    missing = [
        message
        for message in sorted(SOURCES[source]())
        if not any(is_in(message, text) for text in texts)
    ]
    assert missing == [], f"Add each of these to {PAGE}, with what it means."


def test_calls_given_up() -> None:
    """Each way in which the page gives up a call has its own message."""
    source = read("flask_clientcallback/static/clientcallback.js")
    reasons = set(re.findall(r'aborted\("(.+?)"\)', source))
    assert len(reasons) > 3
    told = {text for text in documented() if text.startswith("The call was ")}
    assert told == {f"The call was {reason}." for reason in reasons}


def test_nothing_else() -> None:
    """Each row of the tables is about a message that the package still has."""
    messages: set[Message] = of_python() | of_scripts()
    old = [
        text
        for text in documented()
        if has_words(text) and not any(is_in(message, text) for message in messages)
    ]
    assert old == [], f"Take these out of {PAGE}: nothing tells them."
