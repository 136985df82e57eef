"""A page and a control that lack the interface."""

from flask import render_template
from flask.views import MethodView

from flask_clientcallback import callback_handler
from flask_clientcallback import CallbackTargetError
from flask_clientcallback import current_page


class Label:
    """A control that answers nothing."""


@callback_handler
class MissingInterface(MethodView):
    """A page, and a control, that lack the interface: what the developer sees."""

    def page_init(self) -> None:
        current_page.add_control("label", Label())

    def get(self) -> str:
        return render_template(
            "missing_interface.html",
            page_message=self.mark_a_page(),
            control_message=self.refer_to_a_control(),
        )

    def raise_callback_event(self, event_argument: str) -> str:
        return "This page has the interface."

    def mark_a_page(self) -> str:
        try:

            @callback_handler
            class Forgetful(MethodView):
                def get(self) -> str:
                    return "I answer no callbacks."

        except TypeError as error:
            return str(error)

        return f"{Forgetful.__name__} has the interface."

    def refer_to_a_control(self) -> str:
        try:
            return current_page.client_script.get_callback_event_reference(
                "label", "arg", "show"
            )
        except CallbackTargetError as error:
            return str(error)
