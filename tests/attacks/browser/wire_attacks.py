"""What can be tried with requests alone: a table of them, each beside the request that shows the attack's way exists.

``shows`` says how success looks in the answer. The control is what the attack would be without the defence: the same
request by the person who may, with the token it lacks, from the origin it pretends to be, or in the plain spelling to a
stock server (``stock``), which gives the secret out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.attacks.browser.stock import SECRET
from tests.attacks.browser.wire import NOBODY, STRANGER, WEBSOCKET, Ask, Reply


def gives_secret(reply: Reply) -> bool:
    """The researcher's record is in the answer."""
    return SECRET in reply.body


def accepted(reply: Reply) -> bool:
    """It was done, or a connection was opened."""
    return reply.status == 101 or 200 <= reply.status < 300


def leads_away(reply: Reply) -> bool:
    """The browser is sent elsewhere."""
    place = reply.headers.get("location", "").replace("\\", "/").replace("\t", "")
    return "elsewhere.test" in place.partition(":")[2].lstrip("/").partition("/")[0] or place.startswith("//")


def shared(reply: Reply) -> bool:
    """Other origins may read the answer."""
    return "access-control-allow-origin" in reply.headers


@dataclass(frozen=True)
class WireAttack:
    """One way, and its control: a request, or a path below a stock server's address."""

    name: str
    ask: Ask
    shows: Callable[[Reply], bool]
    control: Ask | str
    control_shows: Callable[[Reply], bool] | None = None


_PLAIN = "files/secret.csv"
_READ = Ask("{space}api/contents/secret.csv?content=1")
_NEW_KERNEL = Ask("{space}api/kernels", "POST", body={"name": "python3"})

SPELLINGS = tuple(
    WireAttack(f"path-{name}", Ask("{space}" + path), gives_secret, _PLAIN)
    for name, path in {
        "plain": "files/secret.csv",
        "encoded-letter": "files/%73ecret.csv",
        "encoded-route": "%66iles/secret.csv",
        "encoded-slash": "files%2fsecret.csv",
        "double-encoded": "%2566iles/secret.csv",
        "double-slash": "/files/secret.csv",
        "double-slash-inside": "files//secret.csv",
        "dots": "lab/../files/secret.csv",
        "encoded-dots": "lab/%2e%2e/files/secret.csv",
        "encoded-dots-and-slash": "static/..%2ffiles/secret.csv",
        "semicolon": "lab;/../files/secret.csv",
        "backslash": "lab\\..\\files\\secret.csv",
        "fragment": "lab#/../files/secret.csv",
        "own-name-again": "../rand-hie/files/secret.csv",
        "extension-dots": "lab/extensions/../../files/secret.csv",
        "theme-dots": "lab/api/themes/..%2f..%2f..%2ffiles/secret.csv",
        "translation-dots": "lab/api/translations/..%2f..%2ffiles%2fsecret.csv",
        "view": "view/secret.html",
        "trailing-slash": "files/secret.csv/",
        "upper-case": "FILES/secret.csv",
        "other-base": "../../../files/secret.csv",
    }.items()
)

ROUTES = (
    WireAttack("nbconvert-post", Ask("{space}nbconvert/html", "POST", body={"content": {}}), accepted,
               "nbconvert/html/secret.ipynb"),
    WireAttack("method-override", Ask("{space}" + _PLAIN, "POST", headers={"X-HTTP-Method-Override": "GET"}),
               gives_secret, _PLAIN),
    WireAttack("head", Ask("{space}" + _PLAIN, "HEAD"), accepted, _PLAIN),
    WireAttack("method-in-query", Ask("{space}" + _PLAIN + "?_method=GET", "POST"), gives_secret, _PLAIN),
    WireAttack("unknown-method", Ask("{space}" + _PLAIN, "PROPFIND"), gives_secret, _PLAIN),
    WireAttack("absolute-target", Ask("http://{workspace}{space}" + _PLAIN), gives_secret, _PLAIN),
    WireAttack("rewritten-path", Ask("{space}lab", headers={"X-Original-URL": "{space}files/secret.csv",
               "X-Rewrite-URL": "{space}files/secret.csv"}), gives_secret, _PLAIN),
    WireAttack("server-files", Ask("{space}api/contents/..%2fserver?content=1"), accepted, _READ),
    WireAttack("absolute-files", Ask("{space}api/contents/%2fetc%2fpasswd?content=1"), accepted, _READ),
    WireAttack("write-above", Ask("{space}api/contents/..%2fplanted.txt", "PUT",
               body={"type": "file", "format": "text", "content": "x"}), accepted,
               Ask("{space}api/contents/planted.txt", "PUT", body={"type": "file", "format": "text", "content": "x"})),
    WireAttack("write-hidden-configuration", Ask("{space}api/contents/.jupyter%2fjupyter_server_config.py", "PUT",
               body={"type": "file", "format": "text", "content": "x"}), accepted,
               Ask("{space}api/contents/planted2.txt", "PUT", body={"type": "file", "format": "text", "content": "x"})),
    WireAttack("copy-from-above", Ask("{space}api/contents", "POST", body={"copy_from": "../server/config"}), accepted,
               Ask("{space}api/contents", "POST", body={"copy_from": "secret.csv"})),
    WireAttack("rename-out", Ask("{space}api/contents/secret.csv", "PATCH", body={"path": "../secret.csv"}), accepted,
               Ask("{space}api/contents/outside.csv", "PATCH", body={"path": "renamed.csv"})),
    WireAttack("trust-a-notebook", Ask("{space}api/contents/secret.ipynb/trust", "POST", body={}), accepted, _READ),
    WireAttack("unlock-the-sanitizer", Ask("{space}lab/api/settings/@jupyterlab/apputils-extension%3Asanitizer", "PUT",
               body={"raw": '{"allowCommandLinker": true}'}), accepted,
               Ask("{space}lab/api/settings/@jupyterlab/apputils-extension:themes", "PUT", body={"raw": "{}"})),
    WireAttack("settings-as-letter-box", Ask("/user/checker1/x/lab/api/settings/@jupyterlab/apputils-extension:themes",
               "PUT", host="{stranger}", body={"raw": "{}"}), accepted,
               Ask("{space}lab/api/settings/@jupyterlab/apputils-extension:themes", "PUT", body={"raw": "{}"})),
    WireAttack("workspaces-as-letter-box", Ask("{space}lab/api/workspaces", who=STRANGER), accepted,
               Ask("{space}lab/api/workspaces")),
    WireAttack("kernelspec-file", Ask("{space}kernelspecs/python3/kernel.json"), accepted,
               "kernelspecs/python3/kernel.json"),
    WireAttack("language-server", Ask("{space}lsp/ws/python", headers=WEBSOCKET), accepted,
               Ask("{space}api/events/subscribe", headers={**WEBSOCKET, "Origin": "http://{workspace}"})),
    WireAttack("port-proxy", Ask("{space}proxy/{outside_port}/"), accepted, _READ),
)  # fmt: skip

_SOCKET = Ask("{space}api/events/subscribe", headers={**WEBSOCKET, "Origin": "http://{workspace}"})
ORIGINS = (
    *(
        WireAttack(f"websocket-{name}", replace(_SOCKET, headers={**WEBSOCKET, "Origin": origin}), accepted, _SOCKET)
        for name, origin in {
            "from-elsewhere": "http://{elsewhere}", "from-nowhere": "null", "from-the-hub": "http://{hub}",
            "from-the-portal": "http://{portal}", "from-another-person": "http://{stranger}",
            "from-a-longer-name": "http://{workspace}.elsewhere.test", "from-another-port": "http://researcher.localhost:1",
        }.items()
    ),
    *(
        WireAttack(f"websocket-{name}-from-{there}",
                   replace(_SOCKET, path=path, headers={**WEBSOCKET, "Origin": origin}),
                   accepted, replace(_SOCKET, path=path))
        for name, path in (("kernel", "{space}api/kernels/{kernel}/channels"),
                           ("terminal", "{space}terminals/websocket/{terminal}"))
        for there, origin in (("elsewhere", "http://{elsewhere}"), ("the-hub", "http://{hub}"))
    ),
    WireAttack("websocket-of-nobody", replace(_SOCKET, who=NOBODY), accepted, _SOCKET),
    WireAttack("websocket-of-a-stranger", replace(_SOCKET, who=STRANGER), accepted, _SOCKET),
    WireAttack("read-as-a-stranger", replace(_READ, who=STRANGER), gives_secret, _READ),
    WireAttack("read-as-nobody", replace(_READ, who=NOBODY), gives_secret, _READ),
    WireAttack("read-with-made-up-token", replace(_READ, who=NOBODY, path=_READ.path + "&token=0123456789abcdef"),
               gives_secret, _READ),
    WireAttack("answer-readable-elsewhere", replace(_READ, headers={"Origin": "http://{elsewhere}"}), shared,
               replace(_READ), gives_secret),
    WireAttack("preflight", Ask("{space}api/contents", "OPTIONS", headers={"Origin": "http://{elsewhere}",
               "Access-Control-Request-Method": "PUT"}), shared, _READ, gives_secret),
    WireAttack("hub-preflight", Ask("/hub/api/user", "OPTIONS", host="{hub}", headers={"Origin": "http://{workspace}",
               "Access-Control-Request-Method": "GET"}), shared, Ask("/hub/api/user", host="{hub}"), accepted),
)  # fmt: skip

_SPAWN = Ask("/hub/api/users/researcher/servers/rand-hie", "POST", host="{hub}", body={})
_USER = Ask("/hub/api/user", host="{hub}")
FORGERIES = (
    WireAttack("kernel-without-xsrf", replace(_NEW_KERNEL, xsrf=False), accepted, _NEW_KERNEL),
    WireAttack("kernel-with-xsrf-made-up", replace(_NEW_KERNEL, xsrf=False, headers={"X-XSRFToken": "2|x|y|1"}),
               accepted, _NEW_KERNEL),
    WireAttack("kernel-by-plain-text", replace(_NEW_KERNEL, xsrf=False, headers={"Content-Type": "text/plain",
               "Origin": "http://{elsewhere}"}), accepted, _NEW_KERNEL),
    WireAttack("kernel-from-elsewhere", replace(_NEW_KERNEL, headers={"Origin": "http://{elsewhere}"}, xsrf=False),
               accepted, _NEW_KERNEL),
    # a page on a sister host can set cookies for the parent domain where the browser lets it: the token then is one
    # that it knows, in cookie and header alike
    WireAttack("xsrf-cookie-tossed", replace(_NEW_KERNEL, xsrf=False, cookie="_xsrf=known; {own}",
               headers={"X-XSRFToken": "known"}), accepted, _NEW_KERNEL),
    WireAttack("xsrf-cookie-tossed-last", replace(_NEW_KERNEL, xsrf=False, cookie="{own}; _xsrf=known",
               headers={"X-XSRFToken": "known"}), accepted, _NEW_KERNEL),
    WireAttack("hub-xsrf-cookie-tossed", replace(_SPAWN, xsrf=False, cookie="_xsrf=known; {own}",
               headers={"X-XSRFToken": "known"}), accepted, _USER),
    WireAttack("hub-xsrf-cookie-tossed-last", replace(_SPAWN, xsrf=False, cookie="{own}; _xsrf=known",
               headers={"X-XSRFToken": "known"}), accepted, _USER),
    WireAttack("hub-without-xsrf", replace(_SPAWN, xsrf=False), accepted, _USER),
    WireAttack("hub-session-tossed", replace(_USER, who=NOBODY,
               cookie="jupyterhub-hub-login=x; jupyterhub-session-id=x"), accepted, _USER),
    WireAttack("portal-session-tossed", Ask("{desk}", host="{portal}", who=NOBODY, cookie="halftide=x; halftide=y"),
               accepted, Ask("{desk}", host="{portal}")),
    WireAttack("mint-a-token", Ask("/hub/api/users/researcher/tokens", "POST", host="{hub}", body={}), accepted, _USER),
    WireAttack("read-people", Ask("/hub/api/users", host="{hub}"), accepted, _USER),
    WireAttack("share-a-workspace", Ask("/hub/api/shares/researcher/rand-hie", "POST", host="{hub}",
               body={"user": "checker1"}), accepted, _USER),
    WireAttack("start-another-project", Ask("/hub/api/users/researcher/servers/no-such-project", "POST", host="{hub}",
               body={}), accepted, _USER),
    WireAttack("stop-another-persons", Ask("/hub/api/users/researcher/servers/rand-hie", "DELETE", host="{hub}",
               who=STRANGER), accepted, replace(_USER, who=STRANGER)),
    WireAttack("portal-api-by-cookie", Ask("{desk}api/v1/requests", host="{portal}"), accepted,
               Ask("{desk}", host="{portal}")),
)  # fmt: skip

_AWAY = ("//elsewhere.test/", "http://elsewhere.test/", "/\\elsewhere.test/", "%2F%2Felsewhere.test/",
         "\\\\elsewhere.test/", "http:elsewhere.test/", "/%09/elsewhere.test/", "///elsewhere.test/",
         "http://localhost@elsewhere.test/")  # fmt: skip
_AUTHORIZE = "/hub/api/oauth2/authorize?client_id=service-output-checker&response_type=code"
_HOME = Ask("/hub/login?next=/hub/home", host="{hub}")


def to_home(reply: Reply) -> bool:
    """The hub's own ``next`` was followed."""
    return reply.headers.get("location", "").endswith("/hub/home")


REDIRECTS = (
    *(
        WireAttack(f"open-redirect-{number}", Ask(f"/hub/login?next={place}", host="{hub}"), leads_away, _HOME, to_home)
        for number, place in enumerate(_AWAY)
    ),
    *(
        WireAttack(f"redirect-{name}", Ask(path, host=host), leads_away, _HOME, to_home)
        for name, path, host in (
            ("hub-prefix", "//elsewhere.test/", "{hub}"), ("hub-prefix-dots", "//elsewhere.test/%2e%2e", "{hub}"),
            ("workspace-slash", "{space}/elsewhere.test/%2f..", "{workspace}"),
            ("workspace-root", "//elsewhere.test{space}", "{workspace}"),
            ("workspace-back", "{space}oauth_callback?next=http://elsewhere.test/&code=x&state=y", "{workspace}"),
            ("portal-back", "{desk}oauth_callback?next=http://elsewhere.test/&code=x&state=y", "{portal}"),
            ("hub-user", "/hub/user-redirect//elsewhere.test/", "{hub}"),
            ("oauth", f"{_AUTHORIZE}&redirect_uri=http://elsewhere.test/", "{hub}"),
        )
    ),
    *(
        WireAttack(f"host-{name}", Ask(path, headers=headers, host=host), leads_away, _HOME, to_home)
        for name, path, host, headers in (
            ("header-of-elsewhere", "/hub/home", "elsewhere.test", {}),
            ("header-forwarded", "/hub/", "{hub}", {"X-Forwarded-Host": "elsewhere.test",
             "X-Forwarded-Proto": "https"}),
            ("header-forwarded-workspace", "{space}", "{workspace}", {"X-Forwarded-Host": "elsewhere.test"}),
            ("header-forwarded-portal", "{desk}queue", "{portal}", {"X-Forwarded-Host": "elsewhere.test",
             "Forwarded": "host=elsewhere.test"}),
        )
    ),
)  # fmt: skip

ATTACKS = (*SPELLINGS, *ROUTES, *ORIGINS, *FORGERIES, *REDIRECTS)
