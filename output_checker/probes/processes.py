"""Probes of other processes: their memory, files, environments, and what processes share beside the file system.

The control's victim is a process of the prover (``targets.py``) that holds the prize everywhere a process can hold it.
"""

from output_checker.probes.model import Family, Probe

PROCESSES, SECRETS, SHARED = Family.PROCESSES, Family.SECRETS, Family.SHARED

_VICTIM = """
try:
    mine = MARK not in read("/proc/%d/cmdline" % VICTIM)
except OSError:
    mine = False
if mine:
    nothing("that number belongs to a process of the sandbox")
"""

PROBES = (
    Probe(
        "processes-listed",
        PROCESSES,
        "List the processes of others",
        """
def look(place):
    if MARK in read(place):
        got(place)
each(glob.glob("/proc/[0-9]*/cmdline"), look)
nothing("not among the processes")
""",
    ),
    Probe("signal", PROCESSES, "Send a signal to a process of others", _VICTIM + "os.kill(VICTIM, 0)\ngot('sent')\n"),
    Probe(
        "signal-the-server",
        PROCESSES,
        "Send a signal to the server",
        """
if "halftide_workspace" not in read("/proc/%d/cmdline" % SERVER_PID):
    nothing("that number belongs to a process of the sandbox")
os.kill(SERVER_PID, 0)
got("sent")
""",
    ),
    Probe(
        "memory",
        PROCESSES,
        "Read the memory of a process of others",
        _VICTIM
        + """
with open("/proc/%d/mem" % VICTIM, "rb") as file:
    file.seek(ADDRESS)
    prize(file.read(64))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "open-files",
        PROCESSES,
        "Read a file that a process of others has open",
        _VICTIM
        + """
def look(place):
    if os.path.isfile(place):
        prize(read(place), or_else=False)
each(glob.glob("/proc/%d/fd/*" % VICTIM), look)
nothing("none of them")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "root-of-others",
        PROCESSES,
        "Reach a file through the root of a process of others",
        """
def look(root):
    with open(root + SECRET) as file:
        prize(file.read())
each(["/proc/%d/root" % VICTIM, "/proc/1/root", "/proc/self/root", "/proc/%d/root" % os.getppid()], look)
""",
    ),
    Probe(
        "folder-of-others",
        PROCESSES,
        "Reach a file through the folder that a process of others works in",
        """
with open("/proc/%d/cwd/people.csv" % VICTIM) as file:
    prize(file.read())
""",
    ),
    Probe(
        "attach",
        PROCESSES,
        "Attach to a process of others",
        _VICTIM
        + """
ask(libc.ptrace, 0x4206, VICTIM, None, None)
got("attached")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "be-traced",
        PROCESSES,
        "Let a process be traced",
        """
ask(libc.ptrace, 0, 0, None, None)
got("traced")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "copy-memory",
        PROCESSES,
        "Copy memory out of another process",
        _VICTIM
        + """
buffer = ctypes.create_string_buffer(64)
here = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 64)
there = (ctypes.c_void_p * 2)(ADDRESS, 64)
ask(libc.process_vm_readv, VICTIM, here, 1, there, 1, 0)
prize(buffer.raw)
""",
        machine_may_refuse=True,
    ),
    Probe(
        "take-a-file",
        PROCESSES,
        "Take an open file out of another process",
        _VICTIM
        + """
handle = os.pidfd_open(VICTIM)
got("file %d" % syscall(438, 438, handle, 1, 0))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "limits-of-others",
        PROCESSES,
        "Read or set the limits of a process of others",
        _VICTIM
        + """
import resource
got(resource.prlimit(VICTIM, resource.RLIMIT_NOFILE))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "inherited-files",
        PROCESSES,
        "Find a folder or connection that the server left open",
        """
import stat
def connected(s):
    try:
        return s.getpeername()
    except OSError:
        return None
for name in os.listdir("/proc/self/fd"):
    try:
        mode = os.fstat(int(name)).st_mode
    except OSError:
        continue
    if stat.S_ISDIR(mode):
        got(os.readlink("/proc/self/fd/" + name))
    if stat.S_ISSOCK(mode):
        with socket.socket(fileno=os.dup(int(name))) as s:
            if s.family in (socket.AF_INET, socket.AF_INET6) and connected(s):
                got(s)
nothing("none")
""",
    ),
    Probe(
        "own-environment",
        SECRETS,
        "Find a token in one's own environment",
        """
found = [name for name in os.environ if name.startswith(("JUPYTERHUB", "HALFTIDE", "CONFIGPROXY"))]
got(found) if found else nothing("none")
""",
    ),
    Probe(
        "environments",
        SECRETS,
        "Find a secret in the environment of any process",
        """
def look(place):
    text = read(place)
    for word in (PRIZE, TOKEN, "JUPYTERHUB_", "HALFTIDE_", "CONFIGPROXY_"):
        if word in text:
            got(place)
each(glob.glob("/proc/[0-9]*/environ"), look)
nothing("none")
""",
    ),
    Probe(
        "command-lines",
        SECRETS,
        "Find a secret on the command line of any process",
        """
def look(place):
    prize(read(place), or_else=False)
each(glob.glob("/proc/[0-9]*/cmdline"), look)
nothing("none")
""",
    ),
    Probe(
        "shared-memory",
        SHARED,
        "Read shared memory of the machine (System V)",
        """
number = ask(libc.shmget, KEY, 0, 0)
libc.shmat.restype = ctypes.c_void_p
prize(ctypes.string_at(libc.shmat(number, None, 0o10000), 64))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "message-queue",
        SHARED,
        "Open a message queue of the machine (System V)",
        "got('queue %d' % ask(libc.msgget, KEY, 0))\n",
        machine_may_refuse=True,
    ),
    Probe(
        "semaphores",
        SHARED,
        "Open semaphores of the machine (System V)",
        "got('set %d' % ask(libc.semget, KEY, 0, 0))\n",
        machine_may_refuse=True,
    ),
    Probe(
        "shared-memory-files",
        SHARED,
        "Read what others put into /dev/shm",
        "prize(read(SHM))\n",
    ),
    Probe("shared-tmp", SHARED, "Read what others put into /tmp", "prize(read(TMP))\n"),
    Probe("shared-var-tmp", SHARED, "Read what others put into /var/tmp", "prize(read(VAR_TMP))\n"),
    Probe(
        "keys",
        SHARED,
        "Put a key where other processes of the host's user find it",
        """
got("key %d" % syscall(248, 217, b"user", b"halftide-probe", b"x", 1, -2))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "key-rings",
        SHARED,
        "Join a key ring by its name",
        """
got("ring %d" % syscall(250, 219, 1, b"halftide-probe"))
""",
        machine_may_refuse=True,
    ),
)
