"""WTForms forms of a page: one object for a request, checked in a line."""

from __future__ import annotations

import typing as t

from werkzeug.datastructures import CombinedMultiDict

from ..errors import CallbackError
from ..globals import get_live_page

_Form = t.TypeVar("_Form")


def page_form(form_class: type[_Form], **keywords: t.Any) -> _Form:
    """Get the page's form of a class: the same object for the whole request, so that
    the template that shows the page again shows the errors that a method found.

    :param form_class: of WTForms or Flask-WTF.
    :param keywords: for the class, ``obj`` or ``prefix`` say, when the form is made.
    :raises OutsidePageError: there is no page.

    .. versionadded:: 0.1
    """
    live_page = get_live_page()
    page, forms = live_page.page, live_page.forms
    key = form_class, keywords.get("prefix", "")

    if key not in forms:
        sent = CombinedMultiDict([page.files, page.form])
        # Nothing but a post back is a form without any field, a single checkbox say.
        given = sent if sent or page.is_postback else None
        make: t.Any = form_class
        forms[key] = make(formdata=given, **keywords)

    return t.cast(_Form, forms[key])


def validated_form(form_class: type[_Form], **keywords: t.Any) -> _Form:
    """Get the same, or end the call with what is wrong, beside each field.

    :param form_class: of WTForms or Flask-WTF.
    :param keywords: as for :func:`page_form`.
    :raises CallbackError: it does not hold.
    :raises OutsidePageError: there is no page.

    .. versionadded:: 0.1
    """
    form: t.Any = page_form(form_class, **keywords)

    if not form.validate():
        raise CallbackError.from_form(form)

    return t.cast(_Form, form)
