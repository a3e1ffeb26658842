"""What each route of a browser-facing application answers, and to whom: a row for every route there is.

A route without a row fails the build, and so does a row without a route. What a row does not open is refused to
everybody. (The portal's rows, with an answer for each kind of person, are in tests/web/test_app.py.)
"""

from dataclasses import dataclass

ID = "11111111-2222-3333-4444-555555555555"
_ID = r"\w+-\w+-\w+-\w+-\w+"
_PATH = r"(?P<path>(?:(?:/[^/]+)+|/?))"
_KERNEL = rf"/api/kernels/(?P<kernel_id>{_ID})"
_SPEC = r"(?P<kernel_name>[\w\.\-%]+)"
_REQUEST = r"/halftide/requests/(?P<request_id>[0-9A-Za-z-]{1,64})"


@dataclass(frozen=True)
class Row:
    """A route, an address of it, and the methods that its person may use. ``public`` ones are open to everybody."""

    pattern: str
    example: str
    open: str = ""
    public: bool = False
    foreign: str = ""
    """The same address of somebody else's, where it differs: refused to this person."""

    @property
    def methods(self) -> frozenset[str]:
        """The methods that are open."""
        return frozenset(self.open.split())


WORKSPACE = (
    # the way out
    Row("/halftide/status", "halftide/status", "GET"),
    Row("/halftide/preflight", "halftide/preflight", "POST"),
    Row("/halftide/requests", "halftide/requests", "GET POST"),
    Row(_REQUEST, "halftide/requests/none", "GET"),
    Row(f"{_REQUEST}/withdraw", "halftide/requests/none/withdraw", "POST"),
    Row("/halftide/fix", "halftide/fix", "POST"),
    Row("/halftide/fix/accept", "halftide/fix/accept", "POST"),
    Row("/halftide/shown", "halftide/shown", "GET"),
    # packages: what was refused, and the way to ask for one
    Row("/halftide/packages", "halftide/packages", "GET POST"),
    Row("/halftide/packages/refused", "halftide/packages/refused", "GET"),
    # sealed shells
    Row(r"/terminals/websocket/(\w+)", "terminals/websocket/none", "GET"),
    Row("/api/terminals", "api/terminals", "GET POST"),
    Row(r"/api/terminals/(\w+)", "api/terminals/none", "GET DELETE"),
    # JupyterLab: what would build, install, look for news or list what is installed is closed
    Row("/lab/api/build", "lab/api/build"),
    Row("/lab/api/extensions", "lab/api/extensions"),
    Row("/lab/api/plugins", "lab/api/plugins"),
    Row("/lab/api/update", "lab/api/update"),
    Row("/lab/api/news", "lab/api/news"),
    Row(r"/(?P<mode>lab|doc)(?P<workspace>/workspaces/[a-zA-Z0-9\-\_]+)?(?P<tree>/tree/.*)?", "lab", "GET"),
    Row("/lab/extensions/(.*)", "lab/extensions/halftide-lab/package.json", "GET HEAD", public=True),
    Row("/lab/api/settings/?", "lab/api/settings", "GET"),
    Row("/lab/api/settings/(?P<schema_name>.+)", "lab/api/settings/@jupyterlab/apputils-extension:themes", "GET PUT"),
    Row("/lab/api/translations/?", "lab/api/translations", "GET"),
    Row("/lab/api/translations/(?P<locale>.*)", "lab/api/translations/de_DE", "GET"),
    Row("/lab/api/workspaces/?", "lab/api/workspaces", "GET PUT DELETE"),
    Row("/lab/api/workspaces/(?P<space_name>.+)", "lab/api/workspaces/mine", "GET PUT DELETE"),
    Row("/lab/api/listings/(.*)", "lab/api/listings/@jupyterlab/x"),
    Row("/lab/api/themes/(.*)", "lab/api/themes/@jupyterlab/theme-light-extension/index.css", "GET HEAD", public=True),
    Row("/lab/api/licenses/(.*)", "lab/api/licenses/"),
    Row("/lab/.*", "lab/no/such/page"),
    Row("/static/lab/(.*)", "static/lab/none.js", "GET HEAD", public=True),
    Row("/static/(.*)", "static/favicon.ico", "GET HEAD", public=True),
    Row(r"/(robots\.txt)", "robots.txt", "GET HEAD", public=True),
    Row(r"/(favicon\.ico)", "favicon.ico", "GET HEAD", public=True),
    Row(r"/(robots\.txt|favicon\.ico)", "favicon.ico", "GET HEAD", public=True),
    # who and what is there
    Row("/api", "api", "GET", public=True),  # a version number
    Row("/api/spec.yaml", "api/spec.yaml"),
    Row("/api/status", "api/status", "GET"),
    Row("/api/me", "api/me", "GET"),
    Row("/api/resolvePath", "api/resolvePath?kernel=x&path=/etc/passwd"),
    Row(r"/api/config/(?P<section_name>\w+)", "api/config/notebook"),
    Row("/api/kernelspecs", "api/kernelspecs", "GET"),
    Row(f"/api/kernelspecs/{_SPEC}", "api/kernelspecs/python3", "GET"),
    Row(f"/kernelspecs/{_SPEC}/(?P<path>.*)", "kernelspecs/python3/kernel.json"),  # logos are open; see test_gate.py
    Row("/api/security/csp-report", "api/security/csp-report", "POST"),
    Row("/api/events", "api/events"),
    Row("/api/events/subscribe", "api/events/subscribe", "GET"),
    Row("/api/shutdown", "api/shutdown"),
    Row("/metrics", "metrics"),
    # files
    Row(f"/api/contents{_PATH}", "api/contents/none.txt", "GET POST PUT PATCH DELETE"),
    Row(f"/api/contents{_PATH}/checkpoints", "api/contents/none.txt/checkpoints", "GET POST"),
    Row(rf"/api/contents{_PATH}/checkpoints/(?P<checkpoint_id>[\w-]+)", "api/contents/none.txt/checkpoints/a",
        "POST DELETE"),
    Row(f"/api/contents{_PATH}/trust", "api/contents/none.ipynb/trust"),
    Row("/api/notebooks/?(.*)", "api/notebooks/none.ipynb"),
    Row(r"/nbconvert/(?P<format>\w+)", "nbconvert/html"),
    Row(rf"/nbconvert/(?P<format>\w+){_PATH}", "nbconvert/html/none.ipynb"),
    Row("/api/nbconvert", "api/nbconvert"),
    Row(f"/view{_PATH}", "view/none.html"),
    # kernels
    Row("/api/kernels", "api/kernels", "GET POST"),
    Row(_KERNEL, f"api/kernels/{ID}", "GET DELETE"),
    Row(f"{_KERNEL}/(?P<action>restart|interrupt)", f"api/kernels/{ID}/interrupt", "POST"),
    Row(f"{_KERNEL}/channels", f"api/kernels/{ID}/channels", "GET"),
    Row("/api/sessions", "api/sessions", "GET POST"),
    Row(f"/api/sessions/(?P<session_id>{_ID})", f"api/sessions/{ID}", "GET PATCH DELETE"),
    # coming and going
    Row("/oauth_callback", "oauth_callback", "GET", public=True),  # takes nothing but the hub's answer to our question
    Row("/logout", "logout", "GET", public=True),
    Row("/?", "", "GET", public=True),  # leads to /lab
    Row("/.*/", "no/such/folder/"),
    Row("(.*)", "no/such/page"),
)  # fmt: skip

PIXELS = (
    # a project that shows pixels alone answers these to its person and refuses all of WORKSPACE; the requests are in
    # tests/halftide_workspace/test_pixels.py
    Row("/", "", "GET"),
    Row("/pixels/state", "pixels/state", "GET"),
    Row("/pixels/again", "pixels/again", "POST"),
    Row("/pixels/screen", "pixels/screen", "GET"),
    Row(r"/pixels/page/([a-z]+\.(?:css|js))", "pixels/page/page.js", "GET HEAD"),
    Row(r"/pixels/novnc/((?:core|vendor)/[\w\-/]+\.js)", "pixels/novnc/core/rfb.js", "GET HEAD"),
    Row(".*", "no/such/page"),
)

_USER, _SERVER = "/api/users/([^/]+)", "/api/users/([^/]+)/servers/([^/]*)"
_MINE, _THEIRS = "api/users/researcher", "api/users/checker1"
_AT, _BY = "/servers/rand-hie", "/servers/x"

HUB = (
    # what Halftide has no use for is closed before JupyterHub's own handlers are asked
    *(
        Row(pattern, example)
        for pattern, example in (
            ("/signup", "signup"), ("/authorize", "authorize"), ("/authorize/.*", "authorize/checker1"),
            ("/confirm/.*", "confirm/x"), ("/discard/.*", "discard/checker1"),
            ("/change-password/.+", "change-password/checker1"), ("/token", "token"), ("/admin.*", "admin"),
            ("/admin", "admin"), ("/accept-share", "accept-share?code=x"),
            ("/api/users/[^/]+/tokens", f"{_MINE}/tokens"),
            ("/api/users/[^/]+/tokens/.*", f"{_MINE}/tokens/a1"),
            (f"{_USER}/tokens", f"{_MINE}/tokens"), (f"{_USER}/tokens/([^/]*)", f"{_MINE}/tokens/a1"),
            ("/api/users/[^/]+/admin-access", f"{_THEIRS}/admin-access"),
            (f"{_USER}/admin-access", f"{_THEIRS}/admin-access"),
            ("/api/users/[^/]+/shared.*", f"{_MINE}/shared"), (f"{_USER}/shared", f"{_MINE}/shared"),
            (f"{_USER}/shared/([^/]+)/([^/]*)", f"{_MINE}/shared/checker1/x"),
            ("/api/groups/[^/]+/shared.*", "api/groups/g/shared"),
            ("/api/groups/([^/]+)/shared", "api/groups/g/shared"),
            ("/api/groups/([^/]+)/shared/([^/]+)/([^/]*)", "api/groups/g/shared/checker1/x"),
            ("/api/shares/.*", "api/shares/researcher/rand-hie"), ("/api/shares/([^/]+)", "api/shares/researcher"),
            ("/api/shares/([^/]+)/([^/]*)", "api/shares/researcher/rand-hie"),
            ("/api/share-codes/.*", "api/share-codes/researcher/rand-hie"),
            ("/api/share-codes/([^/]+)", "api/share-codes/researcher"),
            ("/api/share-codes/([^/]+)/([^/]*)", "api/share-codes/researcher/rand-hie"),
            ("/api/authorizations/.*", "api/authorizations/token"),
            ("/api/authorizations/token", "api/authorizations/token"),
            ("/api/authorizations/token/([^/]+)", "api/authorizations/token/x"),
            ("/api/authorizations/cookie/([^/]+)(?:/([^/]+))?", "api/authorizations/cookie/jupyterhub/x"),
        )
    ),
    # pages
    Row("/login", "login", "GET POST", public=True),
    Row("/logout", "logout", "GET", public=True),
    Row("/change-password", "change-password", "GET POST"),
    Row("/hub", "/hub", "GET", public=True),  # adds the slash
    Row("/", "", "GET", public=True),  # leads to the portal
    Row(r"/(robots\.txt)", "robots.txt", "GET HEAD", public=True),
    Row(r"/(favicon\.ico)", "favicon.ico", "GET HEAD", public=True),
    Row("/static/(.*)", "static/favicon.ico", "GET HEAD", public=True),
    Row("/home", "home", "GET"),
    Row("/user/(?P<user_name>[^/]+)(?P<user_path>/.*)?", "user/researcher/rand-hie/", "GET",
        foreign="user/checker1/x/"),
    Row("/user-redirect/(.*)?", "user-redirect/lab", "GET"),
    Row("/spawn", "spawn"),  # a workspace without a project is none
    Row("/spawn/([^/]+)", "spawn/researcher", foreign="spawn/checker1"),
    Row("/spawn/([^/]+)/([^/]+)", "spawn/researcher/rand-hie", "GET POST", foreign="spawn/checker1/x"),
    Row("/spawn-pending/([^/]+)", "spawn-pending/researcher", "GET", foreign="spawn-pending/checker1"),
    Row("/spawn-pending/([^/]+)/([^/]+)", "spawn-pending/researcher/rand-hie", "GET",
        foreign="spawn-pending/checker1/x"),
    Row(r"/error/(\d+)", "error/503", "GET", public=True),
    Row("/security/csp-report", "security/csp-report", "POST"),
    Row("/health", "health", "GET HEAD", public=True),
    Row("/api/health", "api/health", "GET HEAD", public=True),
    Row("/logo", "logo", "GET HEAD", public=True),
    Row("/metrics", "metrics"),
    Row("/api/metrics", "api/metrics"),
    # the interface: oneself, one's own workspaces, and the login of our own applications
    Row("/api/?", "api/", "GET", public=True),  # a version number
    Row("/api/info", "api/info"),
    Row("/api/user", "api/user", "GET"),
    Row("/api/oauth2/authorize", "api/oauth2/authorize", "GET"),
    Row("/api/oauth2/token", "api/oauth2/token"),
    Row("/api/shutdown", "api/shutdown"),
    Row("/api/proxy", "api/proxy"),
    Row("/api/users", "api/users"),
    Row(_USER, _MINE, "GET", foreign=_THEIRS),
    Row(f"{_USER}/server", f"{_MINE}/server", "GET POST PUT PATCH DELETE", foreign=f"{_THEIRS}/server"),
    Row(f"{_USER}/server/progress", f"{_MINE}/server/progress", "GET", foreign=f"{_THEIRS}/server/progress"),
    Row(_SERVER, f"{_MINE}{_AT}", "GET POST PUT PATCH DELETE", foreign=f"{_THEIRS}{_BY}"),
    Row(f"{_SERVER}/progress", f"{_MINE}{_AT}/progress", "GET", foreign=f"{_THEIRS}{_BY}/progress"),
    Row(f"{_USER}/activity", f"{_MINE}/activity", "POST", foreign=f"{_THEIRS}/activity"),
    Row("/api/groups", "api/groups"),
    Row("/api/groups/([^/]+)", "api/groups/g"),
    Row("/api/groups/([^/]+)/users", "api/groups/g/users"),
    Row("/api/groups/([^/]+)/properties", "api/groups/g/properties"),
    Row("/api/services", "api/services"),
    Row("/api/services/([^/]+)", "api/services/output-checker"),
    Row("/api/(.*)", "api/no/such/thing"),
    Row("/(user|services)/([^/]+)", "/services/output-checker", "GET", public=True),
    Row("(?!/).*", "/nowhere", "GET", public=True),
    Row("(.*)", "no/such/page"),
)  # fmt: skip
