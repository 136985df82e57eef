"""The classic protocol, with two client scripts that read and write it as those
of ASP.NET and of Mono do. They are no copies of these.
"""

from __future__ import annotations

import functools
import typing as t
from collections.abc import Callable

import pytest
from flask import abort
from flask import redirect
from flask import render_template_string
from flask import request
from flask.views import MethodView
from playwright.sync_api import Page

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page

from ..engines.expectations import expect

if t.TYPE_CHECKING:
    from .conftest import ServeView

COLLECT = """
  var __theFormPostData = ""

  function WebForm_InitCallback() {
    __theFormPostData = ""
    for (var i = 0; i < theForm.elements.length; i++) {
      var element = theForm.elements[i]
      var kind = element.tagName.toLowerCase()
      if (element.id == "__EVENTVALIDATION") continue
      if (kind == "select") {
        for (var j = 0; j < element.options.length; j++)
          if (element.options[j].selected) add(element.name, element.options[j].value)
      } else if (kind == "textarea") add(element.name, element.value)
      else if (kind == "input") {
        var type = element.type
        if (type == "text" || type == "password" || type == "hidden")
          add(element.name, element.value)
        else if ((type == "checkbox" || type == "radio") && element.checked)
          add(element.name, element.value)
      }
    }
    function add(name, value) {
      __theFormPostData +=
        encodeURIComponent(name) + "=" + encodeURIComponent(value) + "&"
    }
  }

  function send(target, argument, read) {
    var body = __theFormPostData +
      "__CALLBACKID=" + encodeURIComponent(target) +
      "&__CALLBACKPARAM=" + encodeURIComponent(argument)
    if (theForm["__EVENTVALIDATION"])
      body += "&__EVENTVALIDATION=" +
        encodeURIComponent(theForm["__EVENTVALIDATION"].value)
    var request = new XMLHttpRequest()
    request.onreadystatechange = function () {
      // The status is not looked at.
      if (request.readyState == 4) read(request.responseText)
    }
    request.open("POST", theForm.action || document.location.pathname, true)
    request.setRequestHeader(
      "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
    request.send(body)
  }

  function keep(token) {
    if (!token) return
    var field = theForm["__EVENTVALIDATION"]
    if (!field) {
      field = document.createElement("input")
      field.type = "hidden"
      field.name = "__EVENTVALIDATION"
      theForm.appendChild(field)
    }
    field.value = token
  }
"""
MICROSOFT = (
    COLLECT
    + """
  function WebForm_DoCallback(
    target, argument, onResult, context, onError, useAsync) {
    send(target, argument, function (text) {
      var first = text.charAt(0)
      if (first == "s") {
        if (onResult) onResult(text.substring(1), context)
      } else if (first == "e") {
        if (onError) onError(text.substring(1), context)
      } else {
        var bar = text.indexOf("|")
        var length = bar == -1 ? NaN : parseInt(text.substring(0, bar))
        if (isNaN(length)) return
        keep(text.substring(bar + 1, bar + 1 + length))
        if (onResult) onResult(text.substring(bar + 1 + length), context)
      }
    })
  }
"""
)
MONO = (
    COLLECT
    + """
  function WebForm_DoCallback(
    target, argument, onResult, context, onError, useAsync) {
    send(target, argument, function (text) {
      if (text.length == 0 || text.charAt(0) == "e") {
        if (onError) onError(text.substring(1), context)
        return
      }
      var bar = text.indexOf("|")
      var length = bar == -1 ? NaN : parseInt(text.substring(0, bar))
      if (!isNaN(length)) {
        keep(text.substring(bar + 1, bar + 1 + length))
        text = text.substring(bar + 1 + length)
      }
      if (onResult) onResult(text, context)
    })
  }
"""
)
TEMPLATE = """<!doctype html>
<link rel="icon" href="data:,">
<form id="form" method="post">
  {{ callback_fields() }}
  <input id="name" name="name" value="as loaded">
  <input type="checkbox" name="checked" value="a" checked>
  <input type="checkbox" name="checked" value="b">
  <select name="chosen" multiple><option selected>1<option>2<option selected>3</select>
  <textarea name="text">ü&amp;=+%</textarea>
  <button type="button" id="it" onclick="{{ get_callback_event_reference(
    current_page, "'inline'", "onResult", "'context'", "onError")
    |forceescape }}">It</button>
</form>
SCRIPT
<script>
  const log = []
  const onResult = (result, context) => log.push(["result", result, context])
  const onError = (message, context) => log.push(["error", message, context])
  const doCallback = (argument, context) => {{ get_callback_event_reference(
    current_page, "argument", "onResult", "context", "onError", true) }}
  if (window.WebForm_InitCallback) WebForm_InitCallback()
</script>
"""
RESULTS: dict[str, t.Any] = {
    "mistakable error": "e1",
    "mistakable token": "12|x",
    "mistakable result": "s",
    "mistakable length": "0|",
    "markup": "<script>alert(1)</script>",
    "nothing": "",
    "line ends": " \r\n\t|\n ",
    "characters": "ü\u2028\U0001f600 e",
    "none": None,
    "number": 1.5,
    "object": {"a": ["<b>"]},
}
TEXTS = {"none": "", "number": "1.5", "object": '{"a":["<b>"]}'}
ARGUMENTS = ["", '"json"', "a+b&c=d%20", "1\r\n2\n3", "ü\u2028\U0001f600", "<b>|12"]
ERRORS = {
    "refuse": "Not &lt;today&gt; &amp; not &#34;now&#34;.",
    "abort": "Not &lt;you&gt;.",
    "leave": "The answer is not a callback&#39;s (302 Found).",
    "expired": "The answer is not a callback&#39;s (302 Found).",
    "unknown": "The request was rejected.",
}

Open: t.TypeAlias = Callable[..., Page]


def require_login(view: t.Any) -> t.Any:
    """Send a user away whose login has expired, before the view is reached."""

    @functools.wraps(view)
    def guarded(*args: t.Any, **values: t.Any) -> t.Any:
        if "expired" in request.cookies:
            return redirect("/login?next=/")

        return view(*args, **values)

    return guarded


class Silent:
    """A control that has a post-back event only."""

    def raise_postback_event(self, argument: str) -> None:
        pass


@callback_handler(classic=True)
class Ported(MethodView):
    """Does what the argument says."""

    decorators: t.ClassVar[list[Callable[[t.Any], t.Any]]] = [require_login]
    script: str = ""
    argument: str = ""

    def get(self) -> str:
        return render_template_string(TEMPLATE.replace("SCRIPT", self.script))

    def page_load(self) -> None:
        current_page.add_control("silent", Silent())
        script = current_page.client_script

        if not current_page.is_postback:
            for argument in (*RESULTS, *ARGUMENTS, *ERRORS, "form", "first", "crash"):
                script.register_for_event_validation(current_page, argument)

    def raise_callback_event(self, event_argument: str) -> None:
        self.argument = event_argument

    def get_callback_result(self) -> t.Any:
        argument = self.argument

        if argument == "refuse":
            raise CallbackError('Not <today> & not "now".', 409)

        if argument == "abort":
            abort(403, "Not <you>.")

        if argument == "leave":
            return redirect("/login")

        if argument == "crash":
            raise RuntimeError("a secret")

        if argument == "form":
            return current_page.form.to_dict(flat=False)

        if argument in ("first", "second"):
            follows = {"first": "second", "second": "third"}[argument]
            current_page.client_script.register_for_event_validation("__Page", follows)

        return RESULTS.get(argument, argument)


@callback_handler(classic=True, event_validation=True)
class Validated(Ported):
    """The same, for events that the page registered only."""


@pytest.fixture(params=[MICROSOFT, MONO], ids=["microsoft", "mono"])
def script(request: pytest.FixtureRequest) -> str:
    """A client script, in a page that has no other."""
    return f"<script>var theForm = document.forms[0]\n{request.param}</script>"


@pytest.fixture(params=[Ported, Validated], ids=["plain", "validated"])
def page_class(request: pytest.FixtureRequest, script: str) -> type[Ported]:
    """A page with and without event validation."""
    view_class: type[Ported] = request.param
    return type("Page", (view_class,), {"script": script})


@pytest.fixture
def opened(page: Page, page_class: type[Ported], serve_view: ServeView) -> Page:
    """A page with a client script."""
    page.goto(serve_view(page_class))
    return page


def call(page: Page, argument: str, context: t.Any = "context") -> t.Any:
    """Make a callback and get all that came of it."""
    page.evaluate("log.length = 0")
    page.evaluate("a => doCallback(...a)", [argument, context])
    page.wait_for_function("log.length > 0")
    return page.evaluate("log")


def test_results(opened: Page) -> None:
    """Every result arrives exactly, once, with its context; text that looks like
    the protocol too.
    """
    for name, value in RESULTS.items():
        expected = TEXTS.get(name, value)
        assert call(opened, name, {"a": 1}) == [["result", expected, {"a": 1}]]


def test_arguments(opened: Page) -> None:
    """An argument is the text itself, whatever is in it."""
    for argument in ARGUMENTS:
        assert call(opened, argument) == [["result", argument, "context"]]


def test_inline_reference(page: Page, script: str, serve_view: ServeView) -> None:
    """A reference in the page calls the script; its argument needs no more where
    event validation is off.
    """
    page.goto(serve_view(type("Page", (Ported,), {"script": script})))
    page.locator("#it").click()
    page.wait_for_function("log.length > 0")
    assert page.evaluate("log") == [["result", "inline", "context"]]


def test_form(opened: Page) -> None:
    """The handler sees the form as the script sends it, as the page was loaded."""
    opened.locator("#name").fill("typed later")
    ((_, result, _),) = call(opened, "form")
    assert opened.evaluate("JSON.parse", result) == {
        "name": ["as loaded"],
        "checked": ["a"],
        "chosen": ["1", "3"],
        "text": ["ü&=+%"],
    }


@pytest.mark.parametrize("argument", ERRORS)
def test_errors(opened: Page, argument: str) -> None:
    """Whoever answers that there is no result, the error function hears it once."""
    cookie = {"name": "expired", "value": "1", "url": opened.url}

    if argument == "expired":
        opened.context.add_cookies([t.cast("t.Any", cookie)])

    if argument == "unknown":
        # The control is there and handles no callbacks.
        target, argument = "silent", ""
    else:
        target = "__Page"

    opened.evaluate(
        """([target, argument]) => WebForm_DoCallback(
          target, argument, onResult, "context", onError, true)""",
        [target, argument],
    )
    opened.wait_for_function("log.length > 0")
    message = ERRORS[argument or "unknown"]
    assert opened.evaluate("log") == [["error", message, "context"]]
    opened.context.clear_cookies()
    opened.evaluate("doCallback('form', 'next')")
    opened.wait_for_function("log.length > 1")
    assert [(e[0], e[2]) for e in opened.evaluate("log")] == [
        ("error", "context"),
        ("result", "next"),
    ]


def test_crash(opened: Page) -> None:
    """A crash tells no more than an id that the log has too."""
    ((kind, message, context),) = call(opened, "crash")
    assert (kind, context) == ("error", "context")
    assert message.startswith("The server could not complete the call. (")
    assert "secret" not in message


def test_stale_page(opened: Page) -> None:
    """A state that is no longer good is an error."""
    opened.evaluate(
        """() => {
          theForm["__VIEWSTATE"].value += "x"
          WebForm_InitCallback()
        }"""
    )
    message = "This page is out of date. Reload it and try again."
    assert call(opened, "form") == [["error", message, "context"]]


def test_startup_script(page: Page, script: str, serve_view: ServeView) -> None:
    """A registered script that calls as the page loads has the old functions, if these
    are registered before it.
    """
    source = script.removeprefix("<script>").removesuffix("</script>")
    form, _, functions = source.partition("\n")

    class Registering(Ported):
        def page_init(self) -> None:
            register = current_page.client_script
            register.register_client_script_block("theForm", form)
            register.register_client_script_block("WebForms", functions)
            register.register_startup_script("WebForms", "WebForm_InitCallback()")
            register.register_startup_script(
                "call",
                "WebForm_DoCallback('__Page', 'refuse', null, 'x', show, true);"
                "function show(message, context) {"
                "  document.title = context + ' ' + message }",
            )

    page.goto(
        serve_view(type("Page", (Registering,), {"script": "{{ callback_scripts() }}"}))
    )
    expect(page).to_have_title(f"x {ERRORS['refuse']}")


def test_events(page: Page, script: str, serve_view: ServeView) -> None:
    """Each callback brings the events that the next one may use."""
    page.goto(serve_view(type("Page", (Validated,), {"script": script})))
    rejected = [["error", "The request was rejected.", "context"]]
    token = page.input_value("[name=__EVENTVALIDATION]")
    assert call(page, "second") == rejected
    assert page.input_value("[name=__EVENTVALIDATION]") == token
    assert call(page, "first") == [["result", "first", "context"]]
    assert page.input_value("[name=__EVENTVALIDATION]") != token
    assert call(page, "third") == rejected
    assert call(page, "second") == [["result", "second", "context"]]
    assert call(page, "third") == [["result", "third", "context"]]
    assert call(page, "first") == [["result", "first", "context"]]
    assert call(page, "third") == [["result", "third", "context"]]
    expect(page.locator("[name=__EVENTVALIDATION]")).to_have_count(1)


def test_events_that_come_late(page: Page, script: str, serve_view: ServeView) -> None:
    """A page that has no events gets no field of them, until a callback registers
    some.
    """

    class Late(Ported):
        def page_load(self) -> None:
            pass

    Late.script = script
    page.goto(serve_view(Late))
    field = page.locator("[name=__EVENTVALIDATION]")
    assert call(page, "form")[0][0] == "result"
    expect(field).to_have_count(0)

    for argument in ("first", "second", "third"):
        assert call(page, argument) == [["result", argument, "context"]]

    expect(field).to_have_count(1)


def test_many_calls_at_once(opened: Page) -> None:
    """Calls that overlap get their own results."""
    opened.evaluate(
        """names => {
          for (const name of names) doCallback(name, name)
        }""",
        list(RESULTS),
    )
    opened.wait_for_function("count => log.length == count", arg=len(RESULTS))
    log = opened.evaluate("log")
    assert sorted(log, key=lambda entry: entry[2]) == [
        ["result", TEXTS.get(name, RESULTS[name]), name] for name in sorted(RESULTS)
    ]


def test_post_back_after_callbacks(opened: Page) -> None:
    """What the callbacks left in the form is good for a post back."""
    assert call(opened, "first") == [["result", "first", "context"]]

    with opened.expect_navigation() as navigation:
        opened.evaluate("theForm.submit()")

    response = navigation.value
    assert response is not None
    assert (response.request.method, response.status) == ("POST", 200)


@pytest.mark.parametrize("page_class", [Ported, Validated])
def test_own_script(
    page: Page, serve_view: ServeView, page_class: type[Ported]
) -> None:
    """A page that answers classic scripts answers the package's own as well."""
    own = type("Page", (page_class,), {"script": "{{ callback_scripts() }}"})
    page.goto(serve_view(own))

    for name, value in RESULTS.items():
        assert call(page, name) == [["result", value, "context"]]

    assert call(page, "refuse") == [
        ["error", 'Not <today> & not "now".', "context"],
    ]


def test_classic_is_off(page: Page, script: str, serve_view: ServeView) -> None:
    """Where the classic protocol is off a classic script is refused, and never
    takes the page for a result.
    """

    @callback_handler(classic=False)
    class Off(Ported):
        pass

    Off.script = script
    page.goto(serve_view(Off))

    with page.expect_response(lambda r: r.request.method == "POST") as answered:
        page.evaluate("doCallback('form')")

    assert answered.value.status == 400
    assert "form" not in answered.value.text()
