"""Names that are meant where others are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_clientcallback.signals import HOOKS
from flask_clientcallback.spelling import find_interface_name
from flask_clientcallback.spelling import find_meant
from flask_clientcallback.spelling import find_near
from flask_clientcallback.spelling import METHODS

SPELLINGS = {
    "RaiseCallbackEvent": "raise_callback_event",
    "raiseCallbackEvent": "raise_callback_event",
    "RaiseCallBackEvent": "raise_callback_event",
    "raise_callback_events": "raise_callback_event",
    "raise_callbak_event": "raise_callback_event",
    "raise_callbck_evnt": "raise_callback_event",
    "GetCallbackResult": "get_callback_result",
    "getCallbackResult": "get_callback_result",
    "get_callback_results": "get_callback_result",
    "RaisePostBackEvent": "raise_postback_event",
    "raise_post_back_event": "raise_postback_event",
    "OnPreInit": "page_pre_init",
    "OnInit": "page_init",
    "OnInitComplete": "page_init_complete",
    "OnPreLoad": "page_pre_load",
    "OnLoad": "page_load",
    "OnLoadComplete": "page_load_complete",
    "OnPreRender": "page_pre_render",
    "OnPreRenderComplete": "page_pre_render_complete",
    "OnSaveStateComplete": "page_save_state_complete",
    "OnUnload": "page_unload",
    "on_load": "page_load",
    "onload": "page_load",
    "on_pre_render": "page_pre_render",
    "Page_PreInit": "page_pre_init",
    "Page_Init": "page_init",
    "Page_Load": "page_load",
    "Page_PreRender": "page_pre_render",
    "Page_Unload": "page_unload",
    "Page_OnLoad": "page_load",
    "page_onload": "page_load",
    "page_on_load": "page_load",
    "PageLoad": "page_load",
    "pageload": "page_load",
    "page_preload": "page_pre_load",
    "page_laod": "page_load",
    "page_lod": "page_load",
    "page_loadd": "page_load",
    "page_pre_redner": "page_pre_render",
    "LoadViewState": "page_load_state",
    "SaveViewState": "page_save_state",
    "CreateChildControls": "page_init",
}

ORDINARY = [
    "_page_load",
    "_raise_callback_event",
    "do_raise_callback_event",
    "get",
    "get_callback",
    "get_callback_result_as_text",
    "get_result",
    "init",
    "load",
    "load_view_state",
    "on_click",
    "on_load_state",
    "on_loaded_data",
    "on_render",
    "page",
    "page_",
    "page_count",
    "page_download",
    "page_edit",
    "page_error",
    "page_limit",
    "page_list",
    "page_load_data",
    "page_load_more",
    "page_number",
    "page_reload",
    "page_render_row",
    "page_size",
    "page_title",
    "page_unit",
    "page_upload",
    "page_url",
    "page_visit",
    "raise_callback_error",
    "raise_callback_event_now",
    "raise_event",
    "render",
    "save_state",
    "unload",
]


@pytest.mark.parametrize(("written", "meant"), SPELLINGS.items())
def test_spellings(written: str, meant: str) -> None:
    """ASP.NET's spellings, and those with a slip, are known."""
    assert find_interface_name(written) == meant


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_names(name: str) -> None:
    """Names that an application may well have are nobody's slip."""
    assert find_interface_name(name) is None


@pytest.mark.parametrize("name", [*HOOKS, *METHODS])
def test_right_names(name: str) -> None:
    """The names themselves are no slips, and in other capitals they are meant."""
    assert find_interface_name(name) is None
    assert find_interface_name(name.replace("_", "").title()) == name


@given(st.sampled_from([*HOOKS]), st.data())
def test_slips(hook: str, data: st.DataObject) -> None:
    """A letter too many, one missing, or two in the wrong order make a slip."""
    at = data.draw(st.integers(5, len(hook) - 2))
    slips = {
        hook[:at] + hook[at] + hook[at:],
        hook[:at] + hook[at + 1 :],
        hook[:at] + hook[at + 1] + hook[at] + hook[at + 2 :],
    }

    for slip in slips - {*HOOKS}:
        # What has another number of words is another name.
        if slip.count("_") == hook.count("_"):
            # page_uload may also be page_load.
            assert find_interface_name(slip) in (hook, hook.replace("un", ""))


@given(st.text(max_size=40))
def test_any_name(name: str) -> None:
    """Whatever the name, what is found is a name that there is."""
    assert find_interface_name(name) in (None, *HOOKS, *METHODS)


def test_names_that_differ_in_their_spelling() -> None:
    """Capitals and underscores make no difference; letters do."""
    names = ["is_callback", "unique_id"]
    assert find_meant("IsCallback", names) == "is_callback"
    assert find_meant("UniqueID", names) == "unique_id"
    assert find_meant("IsCallbacks", names) is None
    assert find_near("IsCallbacks", names) == "is_callback"
    assert find_near("unique", names) == "unique_id"
    assert find_near("size", names) is None
