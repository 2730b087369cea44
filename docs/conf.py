"""Makes a site of the pages of this folder: ``uv run --group docs sphinx-build -W docs SOMEWHERE``."""

import importlib.metadata

project = "Suture"
release = importlib.metadata.version("suture")
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = f"Suture {release}"
html_copy_source = False
exclude_patterns = ["*.py"]
myst_heading_anchors = 3
# Pages link to files of the repository, which the site does not have; a test looks after those links.
suppress_warnings = ["myst.xref_missing", "misc.highlighting_failure"]
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_show_copyright = False
