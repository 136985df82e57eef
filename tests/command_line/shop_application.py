"""A shop, as an application that the command ``flask callbacks`` is tried with."""

from __future__ import annotations

import enum
import typing as t
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from decimal import Decimal

from annotated_types import Ge
from annotated_types import Le
from flask import Blueprint
from flask import Flask
from flask import Response
from flask.views import MethodView
from flask.views import View
from markupsafe import Markup
from pydantic import BaseModel
from pydantic import computed_field
from pydantic import Field
from typing_extensions import TypedDict
from werkzeug.datastructures import FileStorage

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import ClientCallback
from flask_clientcallback import FormValue
from flask_clientcallback import FromForm

Quantity = t.Annotated[int, Ge(1), Le(50)]


class Size(enum.Enum):
    """How much is in a box."""

    SMALL = "small"
    LARGE = "large"


@dataclass
class Line:
    """A line of an order."""

    product: str
    quantity: Quantity = 1


@dataclass
class Order:
    number: int
    placed: datetime
    lines: list[Line] = field(default_factory=list)


class Category(BaseModel):
    """Products, and narrower categories."""

    name: str = Field(description="What customers read.")
    parts: list[Category] = []


class Filters(TypedDict, total=False):
    text: str
    since: t.Required[date | None]


class TextRule(BaseModel):
    kind: t.Literal["text"]
    text: str


class CostRule(BaseModel):
    kind: t.Literal["cost"]
    cost: t.Annotated[Decimal, Ge(0)]


class Rule(BaseModel):
    """A rule as it is kept."""

    key: int = Field(alias="id", exclude=True)
    cost: float = 0

    @computed_field
    def id(self) -> str:
        """Its name."""
        return str(self.key)


class Cart:
    """What the customer has chosen."""

    @callback_method
    def remove(self, product: str) -> Markup:
        """Take a product out."""
        return Markup("<ul></ul>")

    @callback_method
    def new(self) -> None:
        """Empty the cart."""


@callback_handler
class Shop(MethodView):
    """Where customers order."""

    cart = callback_control(Cart)

    def get(self) -> str:
        return ""

    @callback_method
    def price(self, product: str, quantity: Quantity = 1) -> Decimal:
        """What so many of a product cost now.

        :param product: its name
        :param quantity: how many
        """
        return Decimal(quantity)

    @callback_method
    def order(
        self, name: FromForm[str], gift: t.Annotated[bool, FormValue("as-gift")], /
    ) -> None:
        """Order what is in the cart."""

    @callback_method
    def find(
        self,
        text: str,
        by: t.Literal["name", "price"] = "name",
        *,
        limit: t.Annotated[int, Field(gt=0, lt=100)] = 10,
        size: Size | None = Size.SMALL,
    ) -> list[Line]:
        return []

    @callback_method
    async def place(self, order: Order, coupon: FromForm[str], day: date) -> Order:
        """Place an order. A note may end here: */ and go on."""
        return order

    @callback_method
    def tree(self, filters: Filters) -> Category | None: ...

    @callback_method
    def upload(self, photo: FileStorage, more: list[FileStorage]) -> dict[str, int]:
        return {}

    @callback_method
    def invoice(self, number: int) -> Response | str: ...

    @callback_method
    def rules(
        self, rules: list[t.Annotated[TextRule | CostRule, Field(discriminator="kind")]]
    ) -> list[Rule]:
        return []

    @callback_method
    def anything(self, default, what=None): ...  # type: ignore[no-untyped-def]


@callback_handler(view_state=False, event_validation=True)
class Greeting(View):
    def dispatch_request(self) -> str:
        return ""

    def raise_callback_event(self, event_argument: str) -> str:
        """Greet somebody."""
        return event_argument


class Grid:
    def raise_callback_event(self, event_argument: str) -> str:
        """Sort the rows."""
        return event_argument

    @callback_method
    def price(self, row: int) -> float:
        """What a row costs."""
        return 0.0


@callback_handler(max_content_length=5000, classic=True)
class Users(MethodView):
    grid = callback_control(Grid)

    @callback_method
    def find(self, number: int) -> str | None:
        """Find a user."""


@callback_handler
class Plain(MethodView):
    def page_init(self) -> None: ...


def create_app() -> Flask:
    """Make the application."""
    app = Flask(__name__)
    ClientCallback(app)
    app.add_url_rule("/", view_func=Shop.as_view("shop"))
    app.add_url_rule("/shop/<int:branch>", endpoint="shop")
    app.add_url_rule("/hello", view_func=Greeting.as_view("hello"))
    app.add_url_rule("/plain", view_func=Plain.as_view("plain"))
    app.add_url_rule("/none", view_func=lambda: "")
    admin = Blueprint("admin", __name__, url_prefix="/admin")
    admin.add_url_rule("/users", view_func=Users.as_view("users"))
    app.register_blueprint(admin)
    return app
