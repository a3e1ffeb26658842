"""Probes of what runs beside the workspace: hub, proxy, portal, server, other kernels, sockets of the machine."""

from output_checker.probes.model import Family, Probe

SERVICES, SERVER, KERNELS, SOCKETS = Family.SERVICES, Family.SERVER, Family.KERNELS, Family.SOCKETS

_FIND_TOKENS = """
import re
texts = [" ".join(os.environ.values())]
for name in glob.glob("/proc/[0-9]*/environ") + glob.glob("/run/halftide/*/*") + glob.glob("/workspace/*"):
    try:
        texts.append(read(name))
    except OSError:
        continue
tokens = {token for text in texts for token in re.findall(r"\\b[0-9a-f]{32,64}\\b", text)} | {TOKEN}
"""


def _page(address: str) -> str:
    return f"""
import http.client
host, port, path = {address}
connection = http.client.HTTPConnection(host, port, timeout=3)
connection.request("GET", path)
got("HTTP %d" % connection.getresponse().status)
"""


def _unix(places: str) -> str:
    return f"""
def connect(place):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(2)
        s.connect(place)
        got("connected to " + place)
each({places}, connect)
"""


PROBES = (
    Probe("hub-api", SERVICES, "Ask the hub's API", _page("HUB_API")),
    Probe(
        "hub-api-tokens",
        SERVICES,
        "Ask the hub's API with every token that can be found",
        _FIND_TOKENS
        + """
import http.client
host, port, path = HUB_API
for token in sorted(tokens):
    connection = http.client.HTTPConnection(host, port, timeout=3)
    connection.request("GET", path + "user", headers={"Authorization": "token " + token})
    if connection.getresponse().status == 200:
        got("the hub knows the token")
nothing("no token is known to the hub")
""",
    ),
    Probe("hub-pages", SERVICES, "Open the hub as a browser does", _page("PUBLIC")),
    Probe("proxy-api", SERVICES, "Ask the proxy's API", _page("PROXY_API")),
    Probe("portal", SERVICES, "Ask the portal", _page("PORTAL")),
    Probe("server-port", SERVER, "Ask the workspace's own server on its port", _page("SERVER_ADDRESS")),
    Probe(
        "server-process",
        SERVER,
        "Find the server's process",
        """
def look(place):
    if "halftide_workspace" in read(place).split("\\0"):
        got(place)
each(glob.glob("/proc/[0-9]*/cmdline"), look)
""",
    ),
    Probe(
        "server-files",
        SERVER,
        "Look into the folders that only the server may see",
        """
def look(place):
    got(os.listdir(place))
each(SERVER_FOLDERS, look)
""",
    ),
    Probe(
        "server-files-write",
        SERVER,
        "Write into the folders that only the server may see",
        """
each(SERVER_FOLDERS_TO_WRITE, write)
""",
    ),
    Probe(
        "server-filter",
        SERVER,
        "Change the filter that the next kernel gets",
        """
each(SERVER_FILTERS, write)
""",
    ),
    Probe(
        "kernel-sockets",
        KERNELS,
        "Connect to the sockets of another kernel",
        _unix("[path for place in OTHER_KERNEL for path in glob.glob(place + '/s*')]"),
    ),
    Probe(
        "kernel-key",
        KERNELS,
        "Read the key that signs another kernel's messages",
        """
def look(place):
    got(json.loads(read(place + "/connection.json"))["key"] and "its key")
each(OTHER_KERNEL, look)
""",
    ),
    Probe(
        "kernel-folders",
        KERNELS,
        "Plant a file in another kernel's folder",
        """
each([place + "/planted" for place in OTHER_KERNEL], write)
""",
    ),
    Probe(
        "terminal-of-others",
        KERNELS,
        "Read what somebody types into another terminal",
        """
fd = os.open(PTY, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
prize(os.read(fd, 99))
""",
    ),
    Probe("abstract-socket", SOCKETS, "Connect to an abstract socket", _unix("[ABSTRACT]")),
    Probe("file-socket", SOCKETS, "Connect to a socket in a shared folder", _unix("[SOCKET]")),
    Probe(
        "sockets-listed",
        SOCKETS,
        "List the sockets of others",
        """
paths = [line.split()[7] for line in read("/proc/net/unix").splitlines()[1:] if len(line.split()) > 7]
others = [path for path in paths if not path.startswith("/run/halftide/k")]
got(others[:3]) if others else nothing("only its own")
""",
    ),
    Probe(
        "engine-sockets",
        SOCKETS,
        "Connect to a container engine (Docker, Podman)",
        _unix("['/var/run/docker.sock', '/run/docker.sock', '/run/podman/podman.sock', STAND_INS + '/docker.sock']"),
    ),
    Probe(
        "runtime-sockets",
        SOCKETS,
        "Connect to a container runtime (containerd, CRI-O)",
        _unix("['/run/containerd/containerd.sock', '/run/crio/crio.sock', STAND_INS + '/containerd.sock']"),
    ),
    Probe(
        "system-sockets",
        SOCKETS,
        "Connect to systemd, D-Bus or udev",
        _unix(
            "['/run/dbus/system_bus_socket', '/run/systemd/private', '/run/systemd/journal/socket', "
            "STAND_INS + '/system_bus_socket']"
        ),
    ),
    Probe(
        "agent-sockets",
        SOCKETS,
        "Connect to somebody's display or key agent",
        _unix(
            "['/tmp/.X11-unix/X0', '\\0/tmp/.X11-unix/X0', *glob.glob('/tmp/ssh-*/agent.*'), "
            "*glob.glob('/run/user/*/bus'), STAND_INS + '/agent.1']"
        ),
    ),
)
