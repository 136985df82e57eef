"""The WTForms forms of a page: one object per request, validated in one line."""

from __future__ import annotations

import typing as t

from werkzeug.datastructures import CombinedMultiDict

from ..errors import CallbackError
from ..globals import get_live_page

_Form = t.TypeVar("_Form")


def page_form(form_class: type[_Form], **keywords: t.Any) -> _Form:
    """Get the page's form of a class. It is one object for the whole request: if a
    method finds errors and the page is shown again, the template shows them.

    :param form_class: a class of WTForms or Flask-WTF.
    :param keywords: arguments to make the form with, such as ``obj`` or ``prefix``.
    :raises OutsidePageError: there is no page.

    .. versionadded:: 0.1
    """
    live_page = get_live_page()
    page, forms = live_page.page, live_page.forms
    key = form_class, keywords.get("prefix", "")

    if key not in forms:
        sent = CombinedMultiDict([page.files, page.form])
        # A post back counts as sent even without fields: a lone checkbox sends none.
        given = sent if sent or page.is_postback else None
        make: t.Any = form_class
        forms[key] = make(formdata=given, **keywords)

    return t.cast(_Form, forms[key])


def validated_form(form_class: type[_Form], **keywords: t.Any) -> _Form:
    """Get the same form and validate it. If it is invalid, the call ends in an error.

    :param form_class: a class of WTForms or Flask-WTF.
    :param keywords: as for :func:`page_form`.
    :raises CallbackError: the form is invalid.
    :raises OutsidePageError: there is no page.

    .. versionadded:: 0.1
    """
    form: t.Any = page_form(form_class, **keywords)

    if not form.validate():
        raise CallbackError.from_form(form)

    return t.cast(_Form, form)
