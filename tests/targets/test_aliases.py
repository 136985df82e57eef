"""Hints that are aliases, as the statement ``type`` makes them from Python 3.12 on."""

from __future__ import annotations

import typing as t

from flask import Flask
from flask import render_template_string
from flask.views import MethodView
from markupsafe import Markup
from pydantic import JsonValue
from typing_extensions import TypeAliasType

from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import FromForm
from flask_clientcallback.testing import CallbackClient

Names = TypeAliasType("Names", list[str])
Quantity = TypeAliasType("Quantity", FromForm[int])
Html = TypeAliasType("Html", Markup)
Place = TypeAliasType("Place", t.Annotated[t.Literal["a", "b"], "text"])
# Two that have themselves inside, by a text.
Tree = TypeAliasType("Tree", "list[Tree] | int")  # type: ignore[misc]
Leaves = TypeAliasType("Leaves", list["Leaves"] | int)  # type: ignore[misc]


@callback_handler
class Page(MethodView):
    def get(self) -> str:
        return render_template_string(
            "<form method='post'>{{ callback_fields() }}<input name='names' value='a'>"
            "<input name='names' value='b'><input name='quantity' value='3'></form>"
            "{{ callback_scripts() }}"
        )

    @callback_method
    def names(self, names: FromForm[Names]) -> int:
        return len(names)

    @callback_method
    def double(self, quantity: Quantity) -> int:
        return quantity * 2

    @callback_method
    def html(self) -> Html:
        return Markup("<b>x</b>")

    @callback_method
    def place(self, place: Place) -> Place | None:
        return place

    @callback_method
    def leaves(self, leaves: Leaves, value: JsonValue) -> Leaves:
        return leaves

    @callback_method
    def tree(self, tree: Tree) -> Tree:
        return tree


def test_aliases(app: Flask) -> None:
    """An alias is what it stands for."""
    app.add_url_rule("/", view_func=Page.as_view("page"))
    call: t.Any = CallbackClient(app).get_page("/").call
    assert call.names().result == 2
    assert call.double().result == 6
    assert call.html().result == "<b>x</b>"
    assert call.place("b").result == "b"
    assert call.place("c").status == 422
    assert call.leaves([1, ["2"]], [{}]).result == [1, [2]]
    assert call.tree([1, ["2"]]).result == [1, [2]]
