"""The page: a price that is looked up while you type, a cart, and an order."""

from decimal import Decimal
from typing import Annotated

from annotated_types import Ge
from annotated_types import Le
from annotated_types import MaxLen
from annotated_types import MinLen
from flask import redirect
from flask import render_template
from flask import url_for
from flask.views import MethodView
from markupsafe import Markup
from werkzeug import Response

from flask_clientcallback import callback_control
from flask_clientcallback import callback_handler
from flask_clientcallback import callback_method
from flask_clientcallback import CallbackError
from flask_clientcallback import current_page
from flask_clientcallback import FromForm
from flask_clientcallback import render_fragment

PRODUCTS = {
    "pencil": ("Pencil", Decimal("0.90")),
    "pen": ("Fountain pen", Decimal("24.50")),
    "ink": ("Bottle of ink", Decimal("7.20")),
    "notebook": ("Notebook", Decimal("4.80")),
}

Quantity = Annotated[int, Ge(1), Le(100)]
Text = Annotated[str, MinLen(2), MaxLen(80)]


class Cart:
    """What the visitor wants. It lies in the page's view state."""

    def page_load(self) -> None:
        """Take up what is in it."""
        self.quantities: dict[str, int] = current_page.view_state.setdefault("cart", {})

    @property
    def lines(self) -> list[tuple[str, str, int, Decimal]]:
        """List the products with their names, quantities and prices."""
        return [
            (product, PRODUCTS[product][0], quantity, PRODUCTS[product][1] * quantity)
            for product, quantity in self.quantities.items()
        ]

    @property
    def total(self) -> Decimal:
        """Tell what all of it costs."""
        return sum((line[3] for line in self.lines), Decimal("0.00"))

    @callback_method
    def add(self, product: FromForm[str], quantity: FromForm[Quantity]) -> Markup:
        """Put so many of a product into the cart."""
        check_product(product)
        now = self.quantities.get(product, 0) + quantity
        self.quantities[product] = min(now, 100)
        return self.render()

    @callback_method
    def change(self, product: str, amount: Quantity) -> Markup:
        """Change how many of a product are in the cart."""
        self.check_line(product)
        self.quantities[product] = amount
        return self.render()

    @callback_method
    def update(self, amount: FromForm[list[Quantity]]) -> Markup:
        """Take the quantities of all lines, as a form without scripts sends them."""
        if len(amount) != len(self.quantities):
            raise CallbackError("Say how many for each product.")

        self.quantities.update(zip(self.quantities, amount, strict=True))
        return self.render()

    @callback_method
    def remove(self, product: str) -> Markup:
        """Take a product out of the cart."""
        self.check_line(product)
        del self.quantities[product]
        return self.render()

    def check_line(self, product: str) -> None:
        """See that a product is in the cart."""
        if product not in self.quantities:
            raise CallbackError("That is no longer in the cart.")

    def render(self) -> Markup:
        """Write the cart as it is now."""
        return render_fragment("cart.html", cart=self)


@callback_handler(event_validation=True)
class Shop(MethodView):
    """Shows the page, tells prices and takes orders."""

    cart = callback_control(Cart)

    def get(self) -> str:
        """Show the page, also when it is posted back."""
        form = current_page.form
        product = form.get("product", next(iter(PRODUCTS)))
        quantity = form.get("quantity", 1, int)
        _, price = PRODUCTS.get(product, ("", Decimal(0)))
        return render_template(
            "shop.html", cart=self.cart, products=PRODUCTS, price=price * quantity
        )

    @callback_method
    def price(self, product: FromForm[str], quantity: FromForm[Quantity]) -> Decimal:
        """What so many of a product cost now."""
        check_product(product)
        return PRODUCTS[product][1] * quantity

    @callback_method
    def order(self, name: FromForm[Text], email: FromForm[Text]) -> Response:
        """Order what is in the cart."""
        if "@" not in email:
            raise CallbackError(
                "Check the address.", fields={"email": "That is no e-mail address."}
            )

        if not self.cart.quantities:
            raise CallbackError("Your cart is empty. Put something into it first.")

        self.cart.quantities.clear()
        return redirect(url_for("thanks"))


def check_product(product: str) -> None:
    """See that there is such a product."""
    if product not in PRODUCTS:
        raise CallbackError(
            "There is no such product.", fields={"product": "Choose a product."}
        )
