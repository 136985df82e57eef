"""What the controls of a page register, and where it stands in the page."""

from __future__ import annotations

import logging
import re
import typing as t

import pytest
from flask import Flask
from flask import redirect

from flask_clientcallback import current_page
from flask_clientcallback import js_literal
from flask_clientcallback import RegistrationError
from flask_clientcallback.script.registered_scripts import RegisteredScripts
from flask_clientcallback.testing import CallbackClient

from ..helpers.engine import evaluate
from ..helpers.engine import UNCARRIED
from ..helpers.pages import add_page
from ..helpers.pages import Echo

FIELDS = "{{ callback_fields() }}"
SCRIPTS = "{{ callback_scripts() }}"

Register = t.Callable[[t.Any], object]


def rendered(
    app: Flask, client: CallbackClient, register: Register, template: str = SCRIPTS
) -> str:
    """Get the text of a page whose page_load registers something."""

    def page_load(page: t.Any) -> None:
        register(current_page.client_script)

    members = {"template": template, "page_load": page_load}
    add_page(app, type("Registering", (Echo,), members))
    return client.get_page("/").text


def elements(text: str) -> list[str]:
    """List the script elements after the client script's own."""
    found = re.findall("<script[^>]*>.*?</script>", text, re.DOTALL)
    assert "clientcallback.js" in found[0]
    return found[1:]


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("client_script_block", "one()", "two()"),
        ("client_script_include", "/one.js", "/two.js"),
        ("startup_script", "one()", "two()"),
        ("on_submit_statement", "one()", "two()"),
    ],
)
def test_first_with_a_key(
    app: Flask, client: CallbackClient, kind: str, first: str, second: str
) -> None:
    """The first script with a key wins, and the kinds do not meet."""
    kinds = (
        "client_script_block",
        "client_script_include",
        "startup_script",
        "on_submit_statement",
    )
    known: list[list[str]] = []

    def register(script: t.Any) -> None:
        def note() -> None:
            known.append(
                [k for k in kinds if getattr(script, f"is_{k}_registered")("key")]
            )

        note()
        getattr(script, f"register_{kind}")("key", first)
        note()
        getattr(script, f"register_{kind}")("key", second)
        getattr(script, f"register_{kind}")("other", second + "//")

    text = rendered(app, client, register)
    assert known == [[], [kind]]
    assert text.count(first) == 1
    assert text.count(second) == 1
    assert second + "//" in text


def register_all(script: t.Any) -> None:
    """Register one of each, last things first."""
    script.register_startup_script("s1", "start(1)")
    script.register_array_declaration("first", "1")
    script.register_on_submit_statement("o1", "check(1)")
    script.register_client_script_include("i1", "/a.js?b&c")
    script.register_client_script_block("b1", "block(1 < 2 && 3)")
    script.register_startup_script("s2", "start(2)")
    script.register_array_declaration("second", None)
    script.register_array_declaration("first", js_literal("</a>"))
    script.register_on_submit_statement("o2", "if (bad) return false;")
    script.register_client_script_include("i2", "/d.js")
    script.register_client_script_block("b2", "block(2)")


@pytest.mark.parametrize("nonce", [None, "r4nd0m"])
def test_order(app: Flask, client: CallbackClient, nonce: str | None) -> None:
    """Blocks and includes come first as they were registered, startup scripts
    last, and each has the page's nonce.
    """
    argument = "" if nonce is None else repr(nonce)
    text = rendered(
        app, client, register_all, f"{{{{ callback_scripts({argument}) }}}}"
    )
    mark = "" if nonce is None else f' nonce="{nonce}"'
    assert elements(text) == [
        f'<script src="/a.js?b&amp;c"{mark}></script>',
        f"<script{mark}>block(1 < 2 && 3)</script>",
        f'<script src="/d.js"{mark}></script>',
        f"<script{mark}>block(2)</script>",
        f"<script{mark}>function WebForm_OnSubmit() {{\n"
        "check(1)\nif (bad) return false;\nreturn true;\n}</script>",
        f"<script{mark}>var first = [1, `\\u003c\\u002fa\\u003e`];</script>",
        f"<script{mark}>var second = [];</script>",
        f"<script{mark}>start(1)</script>",
        f"<script{mark}>start(2)</script>",
    ]
    assert text.count("<script") == 10
    assert text.count("nonce=") == (0 if nonce is None else 10)


def test_nothing_registered(app: Flask, client: CallbackClient) -> None:
    """A page that registers nothing has the client script alone."""
    assert elements(rendered(app, client, lambda script: None)) == []


def test_arrays_and_on_submit_run() -> None:
    """Arrays hold what was declared, and statements decide on submitting."""
    scripts = RegisteredScripts()
    scripts.add_to_array("names", '"a"')
    scripts.add_to_array("names", js_literal("b\n"))
    scripts.add_to_array("$none", None)
    scripts.add("on_submit", "a", "names.push(1); // no end of line")
    scripts.add("on_submit", "b", "if (names.length > 3) return false")
    sources = [
        re.sub("</?script>", "", element) for element in scripts.render_scripts(None)
    ]
    asked = "[WebForm_OnSubmit(), WebForm_OnSubmit(), names, $none]"
    [*_, found] = evaluate([*sources, asked], "source => (0, eval)(source) || 0")
    assert found == [True, False, ["a", "b\n", 1, 1], []]


@pytest.mark.parametrize(
    "name", ["a", "_", "$", "a1", "Page_Validators", "$_9", "A" * 100]
)
def test_names_of_arrays(name: str) -> None:
    """An array has any name that JavaScript gives."""
    scripts = RegisteredScripts()
    scripts.add_to_array(name, "1")
    assert f"var {name} = [1];" in scripts.render_scripts(None)[0]


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "1a",
        "a b",
        "a-b",
        "a.b",
        "a;alert(1)//",
        "a\n",
        "é",
        "aé",
        "a٣",
        "٣",
        "a[",
    ],
)
def test_names_that_cannot_be(name: str) -> None:
    """What is no name in JavaScript is refused, and leaves nothing behind."""
    scripts = RegisteredScripts()

    with pytest.raises(ValueError, match="cannot be the name of an array"):
        scripts.add_to_array(name, "1")

    assert scripts.render_scripts(None) == []


@pytest.mark.parametrize("kind", ["block", "startup", "on_submit"])
@pytest.mark.parametrize("source", ["f('</script>')", "<!-- f()", "<SCRIPT>f()"])
def test_source_that_would_end_its_element(
    kind: t.Literal["block", "startup", "on_submit"], source: str
) -> None:
    """Such a source is refused at once, with what to do, and leaves nothing."""
    scripts = RegisteredScripts()

    with pytest.raises(ValueError, match="js_literal"):
        scripts.add(kind, "x", source)

    with pytest.raises(ValueError, match="js_literal"):
        scripts.add_to_array("names", source)

    assert not scripts.has(kind, "x")
    assert source not in "".join(scripts.render_scripts(None))


def test_source_that_ends_together() -> None:
    """Nor do sources end their element that are joined."""
    scripts = RegisteredScripts()
    scripts.add("on_submit", "a", "x = '<")
    scripts.add("on_submit", "b", "/script>'")
    [element] = scripts.render_scripts(None)
    assert element.count("</script") == 1


def test_address_of_an_include(app: Flask, client: CallbackClient) -> None:
    """An address stays in its attribute, whatever it is."""
    address = '/a"><script>alert(1)</script>'
    text = rendered(
        app, client, lambda script: script.register_client_script_include("x", address)
    )
    assert "alert(1)</script>" not in text
    assert "&gt;&lt;script&gt;alert(1)" in text


def test_hidden_fields(app: Flask, client: CallbackClient) -> None:
    """Fields stand in each form, in order, with their ids only once, and the
    first with a name wins.
    """

    def register(script: t.Any) -> None:
        script.register_hidden_field("__LASTFOCUS", "")
        script.register_hidden_field("colour", '"red"')
        script.register_hidden_field("colour", "blue")

    text = rendered(app, client, register, f"{FIELDS}|{FIELDS}|{SCRIPTS}")
    first, second, _ = text.split("|")
    assert first.endswith(
        '<input type="hidden" name="__LASTFOCUS" id="__LASTFOCUS" value=""'
        ' autocomplete="off">'
        '<input type="hidden" name="colour" id="colour" value="&#34;red&#34;"'
        ' autocomplete="off">'
    )
    assert second == re.sub(' id="[^"]+"', "", first)
    assert "blue" not in text


@pytest.mark.parametrize("text", UNCARRIED)
@pytest.mark.parametrize(
    ("method", "name", "value"),
    [
        ("register_hidden_field", "TEXT", "value"),
        ("register_hidden_field", "name", "TEXT"),
        ("register_client_script_include", "key", "TEXT"),
        ("register_client_script_block", "key", "'TEXT'"),
        ("register_startup_script", "key", "'TEXT'"),
        ("register_on_submit_statement", "key", "'TEXT'"),
        ("register_array_declaration", "name", "'TEXT'"),
    ],
)
def test_what_html_cannot_carry(
    app: Flask, client: CallbackClient, method: str, name: str, value: str, text: str
) -> None:
    """Text that would arrive as another one is refused where it is registered."""
    app.testing = True

    def register(script: t.Any) -> None:
        getattr(script, method)(name.replace("TEXT", text), value.replace("TEXT", text))

    with pytest.raises(ValueError, match="HTML cannot carry"):
        rendered(app, client, register, "")


def test_hidden_field_comes_back(app: Flask, client: CallbackClient) -> None:
    """A field is one of the form's own."""

    class Coloured(Echo):
        template = f"<form>{FIELDS}</form>{SCRIPTS}"

        def page_load(self) -> None:
            if not current_page.is_postback:
                current_page.client_script.register_hidden_field("colour", "red")

        def raise_callback_event(self, event_argument: str) -> t.Any:
            return current_page.form["colour"]

    add_page(app, Coloured)
    page = client.get_page("/")
    assert page.callback().result == "red"
    page.form["colour"] = "blue"
    assert page.callback().result == "blue"


@pytest.mark.parametrize(
    "name",
    [
        "__VIEWSTATE",
        "__EVENTVALIDATION",
        "__CALLBACKID",
        "__CALLBACKPARAM",
        "__CALLBACKLOADSCRIPT",
    ],
)
def test_fields_of_the_protocol(name: str) -> None:
    """The state's fields are written by callback_fields() alone, and those of a
    callback would make one of each post back.
    """
    scripts = RegisteredScripts()

    with pytest.raises(ValueError, match=name):
        scripts.add_field(name, "x")

    assert scripts.render_fields() == ""


@pytest.mark.parametrize("name", ["__EVENTTARGET", "__EVENTARGUMENT"])
def test_fields_of_post_back_events(name: str) -> None:
    """ASP.NET's two fields of post-back events are good."""
    scripts = RegisteredScripts()
    scripts.add_field(name, "")
    assert f'name="{name}"' in scripts.render_fields()


LATE: dict[str, tuple[Register, str]] = {
    "block": (
        lambda script: script.register_client_script_block("late", "x()"),
        "The script 'late'.*callback_scripts",
    ),
    "include": (
        lambda script: script.register_client_script_include("late", "/x.js"),
        "The script 'late'.*callback_scripts",
    ),
    "startup": (
        lambda script: script.register_startup_script("late", "x()"),
        "The script 'late'.*callback_scripts",
    ),
    "on submit": (
        lambda script: script.register_on_submit_statement("late", "x()"),
        "The script 'late'.*callback_scripts",
    ),
    "array": (
        lambda script: script.register_array_declaration("late", "1"),
        "The array 'late'.*callback_scripts",
    ),
    "field": (
        lambda script: script.register_hidden_field("late", "1"),
        "The hidden field 'late'.*callback_fields",
    ),
}


@pytest.mark.parametrize(("register", "message"), LATE.values(), ids=LATE)
def test_too_late(
    app: Flask, client: CallbackClient, register: Register, message: str
) -> None:
    """What comes after its place in the page is an error that says what to move."""
    app.testing = True

    def page_render(page: t.Any) -> None:
        with pytest.raises(RegistrationError, match=message) as caught:
            register(current_page.client_script)

        assert "page_load" in str(caught.value)
        assert "to the end of the" in str(caught.value)

    members = {"template": FIELDS + SCRIPTS, "page_render": page_render}
    add_page(app, type("Late", (Echo,), members))
    assert client.get_page("/").stages[-1] == "unload"


@pytest.mark.parametrize(
    ("template", "late"),
    [(SCRIPTS, "field"), (FIELDS, "block"), (FIELDS, "array"), (FIELDS, "include")],
)
def test_each_has_a_place_of_its_own(
    app: Flask, client: CallbackClient, template: str, late: str
) -> None:
    """Fields can follow the scripts, and scripts the fields."""
    register, _ = LATE[late]
    done: list[str] = []

    def page_save_state_complete(page: t.Any) -> None:
        register(current_page.client_script)
        done.append(late)

    other = FIELDS if template == SCRIPTS else SCRIPTS
    members = {
        "template": template + other,
        "page_save_state_complete": page_save_state_complete,
    }
    add_page(app, type("Between", (Echo,), members))
    page = client.get_page("/")
    assert (page.status, done) == (200, [late])
    assert "late" in page.text or "/x.js" in page.text or "x()" in page.text


@pytest.mark.parametrize(
    ("template", "left"),
    [
        (FIELDS, "b1, i1, o1, s1, names"),
        (SCRIPTS, "colour"),
        (FIELDS + SCRIPTS, None),
    ],
)
def test_warning_of_what_is_left(
    app: Flask,
    client: CallbackClient,
    caplog: pytest.LogCaptureFixture,
    template: str,
    left: str | None,
) -> None:
    """The log names what was registered and stands nowhere in the page."""

    def register(script: t.Any) -> None:
        script.register_client_script_block("b1", "x()")
        script.register_client_script_include("i1", "/x.js")
        script.register_on_submit_statement("o1", "x()")
        script.register_startup_script("s1", "x()")
        script.register_array_declaration("names", "1")
        script.register_hidden_field("colour", "red")

    with caplog.at_level(logging.WARNING):
        rendered(app, client, register, template)

    if left is None:
        assert caplog.messages == []
    else:
        [message] = caplog.messages
        assert message.startswith(f"Registered and not in the page: {left}. Render")


def test_no_warning_without_a_page(
    app: Flask, client: CallbackClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A view that renders no page, or redirects, has nothing to be warned of."""

    class Moved(Echo):
        def page_load(self) -> None:
            current_page.client_script.register_startup_script("s1", "x()")

        def get(self) -> t.Any:
            return redirect("/elsewhere", 302)

    add_page(app, Moved)
    assert client.get_page("/").status == 302
    assert caplog.messages == []
