"""The style by which a fallback hides while the widget in the output before it lives, and hides that output when not.

A widget whose kernel is gone reads "model not found", whatever else its own output holds. JupyterLab says so in a panel
with a class of its own; until then the panel says that the widget is loading, and the fallback waits.
"""

from __future__ import annotations

HOSTS = (".jp-OutputArea-child", ".output_area")
"""How pages call the place of one output: JupyterLab, Notebook 7 and Voila; nbclassic."""

_LOADING_OR_LIVE = ":has(>.lm-Panel:not(.jupyter-widgets))"
"""A widget's panel in JupyterLab that does not hold an error."""


def hiding(live: str, fallback: str) -> str:
    """The style of a fallback with the class `fallback`, beside a widget whose root has the class `live`."""
    rules = []
    for host in HOSTS:
        rules += [
            f"{host}:has(.{live})+{host}:has(>*>.{fallback}){{display:none}}",
            f"{host}{_LOADING_OR_LIVE}+{host}:has(>*>.{fallback}){{display:none}}",
            f"{host}:not(:has(.{live})):not({_LOADING_OR_LIVE}):has(+{host}>*>.{fallback}){{display:none}}",
        ]
    return f"<style>{''.join(rules)}</style>"
