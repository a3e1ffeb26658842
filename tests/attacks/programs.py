"""The attacks themselves: small programs that write ``GOT`` and the prize when they succeed.

The same program runs in a kernel, in a terminal, and as a control on the host, where it has to succeed.
"""

PRELUDE = """
import contextlib, ctypes, glob, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def got(what):
    print("GOT", what, flush=True)
"""

PROGRAMS: dict[str, str] = {
    "tcp": """
with socket.create_connection(("127.0.0.1", TCP), 3) as s:
    got(s.recv(99).decode())
""",
    "udp": """
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.settimeout(3)
    s.sendto(b"x", ("127.0.0.1", UDP))
    got(s.recv(99).decode())
""",
    "abstract-socket": """
with socket.socket(socket.AF_UNIX) as s:
    s.settimeout(3)
    s.connect(ABSTRACT)
    got(s.recv(99).decode())
""",
    "file-socket": """
with socket.socket(socket.AF_UNIX) as s:
    s.settimeout(3)
    s.connect(SOCKET)
    got(s.recv(99).decode())
""",
    "port-of-the-server": """
with socket.create_connection(("127.0.0.1", SERVER_PORT), 3) as s:
    s.sendall(b"GET /user/ada/tides/api HTTP/1.0\\r\\n\\r\\n")
    if b"200 OK" in s.recv(999):
        got(PRIZE)
""",
    "network-interfaces": """
names = [name for _, name in socket.if_nameindex()]
if names != ["lo"]:
    got(PRIZE)
""",
    "names-of-the-host": """
with open("/etc/passwd") as file:
    if "daemon" in file.read():
        got(PRIZE)
""",
    "other-processes": """
for name in glob.glob("/proc/[0-9]*/cmdline"):
    with contextlib.suppress(OSError), open(name, "rb") as file:
        if b"halftide_workspace" in file.read().split(b"\\0"):
            got(PRIZE)
""",
    "signal-the-server": """
os.kill(SERVER_PID, 0)
got(PRIZE)
""",
    "token-in-an-environment": """
for name in glob.glob("/proc/[0-9]*/environ"):
    with contextlib.suppress(OSError), open(name, "rb") as file:
        if TOKEN.encode() in file.read():
            got(PRIZE)
""",
    "memory-of-the-server": """
with open(f"/proc/{SERVER_PID}/mem", "rb"):
    got(PRIZE)
""",
    "files-of-the-server": """
for place in (PRIVATE, "/srv/halftide", "/run/halftide/rt", "/run/halftide/labextensions"):
    if os.path.isdir(place):
        got(PRIZE)
""",
    "other-project": """
for place in (OTHER, "/data/other-project", "/data/../data/other-project", "/proc/1/root" + OTHER):
    with contextlib.suppress(OSError), open(place + "/people.csv") as file:
        got(file.read())
""",
    "write-to-the-data": """
for place in (DATA, "/data/people"):
    with contextlib.suppress(OSError), open(place + "/planted.csv", "w"):
        got(PRIZE)
""",
    "replace-the-data": """
for place in (DATA, "/data/people"):
    with contextlib.suppress(OSError):
        os.rename(place, place + "-old")
        os.rename(place + "-old", place)
        got(PRIZE)
""",
    "ptrace": """
if os.fork() == 0:
    if libc.ptrace(0, 0, 0, 0) == 0:
        got(PRIZE)
    os._exit(0)
os.wait()
""",
    "user-namespace": """
if os.fork() == 0:
    if libc.unshare(0x10000000) == 0:
        got(PRIZE)
    os._exit(0)
os.wait()
""",
    "mount": """
if os.fork() == 0:
    libc.unshare(0x10020000)
    if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
        got(PRIZE)
    os._exit(0)
os.wait()
""",
    "join-a-namespace": """
if os.fork() == 0:
    fd = os.open("/proc/self/ns/uts", os.O_RDONLY)
    if libc.setns(fd, 0) == 0:
        got(PRIZE)
    os._exit(0)
os.wait()
""",
    "settings-of-the-machine": """
os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))
got(PRIZE)
""",
    "make-a-device": """
place = "/tmp/halftide-device"
try:
    os.mknod(place, 0o600 | 0o020000, os.makedev(1, 3))
    got(PRIZE)
finally:
    with contextlib.suppress(OSError):
        os.unlink(place)
""",
    "files-by-number": """
handle = ctypes.create_string_buffer(b"\\x80\\0\\0\\0" + bytes(132), 136)
if libc.name_to_handle_at(-100, b"/etc", handle, ctypes.byref(ctypes.c_int()), 0) == 0:
    got(PRIZE)
""",
    "keys-of-the-user": """
number = {"x86_64": 248, "aarch64": 217}[os.uname().machine]
if libc.syscall(number, b"user", b"halftide-attack", b"x", 1, -2) > 0:
    got(PRIZE)
""",
    "plant-in-the-environment": """
import sysconfig
place = os.path.join(sysconfig.get_path("purelib"), "halftide-attack.pth")
with open(place, "w"):
    got(PRIZE)
os.unlink(place)
""",
    "plant-beside-the-interpreter": """
import sys
place = os.path.join(os.path.dirname(os.path.realpath(sys.executable)), "halftide-attack")
with open(place, "w"):
    got(PRIZE)
os.unlink(place)
""",
}

NEEDS_ROOT = frozenset({"settings-of-the-machine", "make-a-device", "join-a-namespace"})
"""Controls that only root can show: for anyone else the host itself refuses."""


def written(name: str, values: dict[str, object]) -> str:
    """The program ``name`` with its values."""
    return PRELUDE + "".join(f"{key} = {value!r}\n" for key, value in values.items()) + PROGRAMS[name]
