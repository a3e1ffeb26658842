"""Draws figures that carry their data (Plotly, Bokeh, Vega, Vega-Lite), so that the page gets a picture and no data.

Promises: a figure is drawn in a sandbox of its own, without a network, by programs of the system and of the analysis
environment, to which no kernel can write; it takes a few seconds at most, two at a time, and what does not come out as
an image is not shown. Never draws in the server's own process.
"""

import asyncio
import base64
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from halftide_workspace.bundles import Figure
from output_checker import sandbox_figures
from output_checker.model.errors import Broken

_PNG = b"\x89PNG\r\n\x1a\n"
_LARGEST_IMAGE = 32 << 20
_DATA_URL = re.compile(rb"data:image/png;base64,([A-Za-z0-9+/=]+)")
_USE_MATPLOTLIB = "Draw it with matplotlib to see it here, or ask your administrator"


@dataclass
class Drawing:
    """What draws the figures of one workspace."""

    analysis: Path
    seccomp: Path | None
    seconds: float = 30.0
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    async def draw(self, figure: Figure) -> bytes:
        """The figure as a PNG. Raises Broken, with a text for the researcher, when there will be none."""
        line, told = self._command(figure)
        async with self.at_once:
            try:
                process = await asyncio.create_subprocess_exec(
                    *line,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    limit=_LARGEST_IMAGE,
                    start_new_session=True,
                )
            except OSError as error:
                raise Broken(f"The figure could not be drawn: {error.strerror}") from error
            try:
                answer = await asyncio.wait_for(_exchange(process, told), self.seconds)
            except TimeoutError as error:
                raise Broken("The figure was not drawn within half a minute; show fewer points") from error
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()
        return _image_in(answer)

    def _command(self, figure: Figure) -> tuple[list[str], bytes]:
        if figure.kind in _PAGES:
            script = sandbox_figures.script_of(self.analysis, figure.kind)
            if script is None or not sandbox_figures.CHROMIUM.exists():
                what = f"{figure.kind} in the analysis environment" if script is None else "Debian's chromium"
                raise Broken(
                    f"{figure.kind.capitalize()} figures are shown as images, and what draws them is missing. "
                    f"{_USE_MATPLOTLIB} for {what}"
                )
            return sandbox_figures.browser(self.analysis, self.seccomp), _page(figure, script)
        if not sandbox_figures.has_vega(self.analysis):
            raise Broken(
                "Vega and Altair figures are shown as images, and what draws them is missing. "
                f"{_USE_MATPLOTLIB} for vl-convert-python in the analysis environment"
            )
        return sandbox_figures.vega(self.analysis, self.seccomp, figure.kind), _json(figure)


async def _exchange(process: asyncio.subprocess.Process, told: bytes) -> bytes:
    """Hands ``told`` over and takes the answer, up to a limit."""
    if process.stdin is None or process.stdout is None:
        raise Broken("The figure could not be drawn")

    async def hand_over(pipe: asyncio.StreamWriter) -> None:
        try:
            pipe.write(told)
            await pipe.drain()
        except (BrokenPipeError, ConnectionResetError):
            return  # it ended; its answer says why or is empty
        finally:
            pipe.close()

    async def take(pipe: asyncio.StreamReader) -> bytes:
        answer = bytearray()
        while piece := await pipe.read(1 << 16):
            answer += piece
            if len(answer) > _LARGEST_IMAGE:
                raise Broken("The figure is too large to be drawn; make it smaller")
        return bytes(answer)

    _, answer = await asyncio.gather(hand_over(process.stdin), take(process.stdout))
    return answer


def _image_in(answer: bytes) -> bytes:
    found = _DATA_URL.search(answer) if not answer.startswith(_PNG) else None
    image = base64.b64decode(found[1]) if found else answer
    if not image.startswith(_PNG):
        raise Broken("The figure could not be drawn, as its description makes no sense to the library that draws it")
    return image


def _json(figure: Figure) -> bytes:
    return json.dumps(figure.specification).encode()


def _page(figure: Figure, script: Path) -> bytes:
    """A page that draws one figure and then is nothing but the picture's address."""
    told = _json(figure).replace(b"<", b"\\u003c")
    return b"\n".join(
        (
            b'<!DOCTYPE html><meta charset="utf-8"><body><div id="place" style="width: 800px"></div>',
            b"<script>window.devicePixelRatio = 2;</script>",
            f'<script src="file://{script}"></script>'.encode(),
            b'<script type="application/json" id="figure">' + told + b"</script>",
            b"<script>",
            b'const figure = JSON.parse(document.getElementById("figure").textContent);',
            b"const end = (text) => { document.documentElement.textContent = text; };",
            b'const none = () => end("no picture");',
            _PAGES[figure.kind],
            b"</script>",
        )
    )


_PAGES = {
    "plotly": b"""
const {data, layout = {}} = figure;
const size = (told, usual) => (told > 0 && told <= 2000 ? told : usual);
const [width, height] = [size(layout.width, 800), size(layout.height, 450)];
Plotly.toImage({data, layout}, {format: "png", scale: 2, width, height}).then(end, none);
""",
    "bokeh": b"""
const drawn = ([view]) => {
  const picture = () => end(view.export("png", true).canvas.toDataURL("image/png"));
  const inside = view.model.document;
  inside.is_idle ? picture() : inside.idle.connect(picture);
};
const root_id = figure.roots[0].id;
Bokeh.embed.embed_item({doc: figure, root_id, target_id: "place"}).then(drawn).catch(none);
""",
}
"""What the page does with ``figure`` for each library that needs one: it calls ``end`` with the picture's address."""
