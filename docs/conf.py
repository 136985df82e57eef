import os
import sys

from pallets_sphinx_themes import get_version

# Project --------------------------------------------------------------

project = "flask_clientcallback"
copyright = "2026 The flask_clientcallback developers"
author = "The flask_clientcallback developers"
release, version = get_version("flask-clientcallback")

# General --------------------------------------------------------------

sys.path.insert(0, os.path.dirname(__file__))
extensions = [
    "readable_sources",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinxcontrib.log_cabinet",
    "pallets_sphinx_themes",
]
exclude_patterns = ["_build"]
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"

# The documentation builds without a network. DOCS_INTERSPHINX=1 adds links to
# the other projects' documentation.
if os.environ.get("DOCS_INTERSPHINX"):
    intersphinx_mapping = {
        "python": ("https://docs.python.org/3/", None),
        "flask": ("https://flask.palletsprojects.com/", None),
        "werkzeug": ("https://werkzeug.palletsprojects.com/", None),
    }

# HTML -----------------------------------------------------------------

html_theme = "flask"
html_static_path = ["_static"]
html_css_files = ["members.css"]
html_title = f"flask_clientcallback Documentation ({version})"
html_show_sourcelink = False
html_copy_source = False
# Not found by its name alone where Sphinx runs in another folder.
html_search_scorer = os.path.join(os.path.dirname(__file__), "search_scorer.js")
html_sidebars = {
    "index": ["project.html", "localtoc.html", "searchbox.html"],
    "**": ["localtoc.html", "relations.html", "searchbox.html"],
}
