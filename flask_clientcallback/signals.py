"""One signal for each stage of the life cycle, named like its hook, and two for errors.

The sender is the application object. Receivers of a stage get the keyword
``page``, and may be coroutine functions.
"""

from __future__ import annotations

from blinker import NamedSignal
from blinker import Namespace

_signals = Namespace()

page_pre_init: NamedSignal = _signals.signal("page-pre-init")
"""The page object exists and nothing has run. ASP.NET's ``PreInit``."""

page_init: NamedSignal = _signals.signal("page-init")
"""The place to add controls. ASP.NET's ``Init``."""

page_init_complete: NamedSignal = _signals.signal("page-init-complete")
"""All controls are there. ASP.NET's ``InitComplete``."""

page_load_state: NamedSignal = _signals.signal("page-load-state")
"""The view state is restored. Post backs and callbacks only. ASP.NET's
``LoadPageStateFromPersistenceMedium``."""

page_pre_load: NamedSignal = _signals.signal("page-pre-load")
"""Before ``page_load``. ASP.NET's ``PreLoad``."""

page_load: NamedSignal = _signals.signal("page-load")
"""The page can use its state and the form. ASP.NET's ``Load``."""

page_raise_postback_event: NamedSignal = _signals.signal("page-raise-postback-event")
"""A post back names a target. ASP.NET's ``RaisePostBackEvent``."""

page_load_complete: NamedSignal = _signals.signal("page-load-complete")
"""Loading and post-back events are over. ASP.NET's ``LoadComplete``."""

page_raise_callback_event: NamedSignal = _signals.signal("page-raise-callback-event")
"""A callback's argument goes to its handler. Callbacks only. ASP.NET's
``RaiseCallbackEvent``."""

page_get_callback_result: NamedSignal = _signals.signal("page-get-callback-result")
"""The handler gives its result. Callbacks only. ASP.NET's
``GetCallbackResult``."""

page_pre_render: NamedSignal = _signals.signal("page-pre-render")
"""The last changes before the view's method. Never in a callback. ASP.NET's
``PreRender``."""

page_pre_render_complete: NamedSignal = _signals.signal("page-pre-render-complete")
"""The view's method comes next. Never in a callback. ASP.NET's
``PreRenderComplete``."""

page_save_state: NamedSignal = _signals.signal("page-save-state")
"""The view state is about to be saved. Never in a callback. ASP.NET's
``SavePageStateToPersistenceMedium``."""

page_save_state_complete: NamedSignal = _signals.signal("page-save-state-complete")
"""The view state is saved and must not change. Never in a callback. ASP.NET's
``SaveStateComplete``."""

page_render: NamedSignal = _signals.signal("page-render")
"""The view's method has returned. Never in a callback. ASP.NET's ``Render``."""

page_unload: NamedSignal = _signals.signal("page-unload")
"""The life cycle is over, also after an error. ASP.NET's ``Unload``."""

callback_rejected: NamedSignal = _signals.signal("callback-rejected")
"""A request was refused: before a handler ran, or by ``validate_event()``. Keyword
``reason``: text for people, without any data of the request."""

callback_error: NamedSignal = _signals.signal("callback-error")
"""A callback's life cycle ended in an exception. Keywords ``page``, ``exception`` and
``error_id``: the id that the visitor sees and the log has. It is ``None`` if the
exception itself is the answer. ``page.callback_target`` is the control."""

HOOKS: dict[str, NamedSignal] = {
    "page_pre_init": page_pre_init,
    "page_init": page_init,
    "page_init_complete": page_init_complete,
    "page_load_state": page_load_state,
    "page_pre_load": page_pre_load,
    "page_load": page_load,
    "page_raise_postback_event": page_raise_postback_event,
    "page_load_complete": page_load_complete,
    "page_raise_callback_event": page_raise_callback_event,
    "page_get_callback_result": page_get_callback_result,
    "page_pre_render": page_pre_render,
    "page_pre_render_complete": page_pre_render_complete,
    "page_save_state": page_save_state,
    "page_save_state_complete": page_save_state_complete,
    "page_render": page_render,
    "page_unload": page_unload,
}
"""The name of each stage's hook, and the stage's signal. ``page/life_cycle.py`` has the
order of the stages.
"""
