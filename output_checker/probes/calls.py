"""Probes of the kernel itself: mounts, namespaces, rare calls, devices and rights."""

from output_checker.probes.model import Control, Family, Probe

MOUNTS, CALLS, RIGHTS = Family.MOUNTS, Family.CALLS, Family.RIGHTS
STAND_IN = Control.STAND_IN

_ROOT_OF_ONES_OWN = "libc.unshare(0x10000000 | 0x20000)\n"
"""A user and a mount namespace where the machine gives them: what follows is tried with and without."""

PROBES = (
    Probe(
        "namespaces-of-the-machine",
        MOUNTS,
        "Share a namespace with the machine",
        """
shared = [name for name, number in NAMESPACES.items() if os.stat("/proc/self/ns/" + name).st_ino == number]
got(shared) if shared else nothing("none")
""",
    ),
    Probe(
        "user-namespace",
        MOUNTS,
        "Become root of a namespace of one's own",
        "ask(libc.unshare, 0x10000000)\ngot('made')\n",
        machine_may_refuse=True,
    ),
    Probe(
        "namespace-by-clone",
        MOUNTS,
        "Start a process in namespaces of its own",
        """
if (child := syscall(56, 220, 0x10000000 | 17, 0, 0, 0, 0)) == 0:
    os._exit(0)
os.waitpid(child, 0)
got("started")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "namespace-by-clone3",
        MOUNTS,
        "The same with the newer call, whose flags no filter sees",
        """
arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
if (child := syscall(435, 435, arguments, 88)) == 0:
    os._exit(0)
os.waitpid(child, 0)
got("started")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "join-a-namespace",
        MOUNTS,
        "Join a namespace",
        """
libc.unshare(0x10000000 | 0x04000000)
ask(libc.setns, os.open("/proc/self/ns/uts", os.O_RDONLY), 0)
got("joined")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "mount",
        MOUNTS,
        "Mount a file system",
        _ROOT_OF_ONES_OWN
        + """
ask(libc.mount, b"none", b"/tmp", b"tmpfs", 0, None)
got("mounted")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "bind",
        MOUNTS,
        "Mount a folder over another",
        _ROOT_OF_ONES_OWN
        + """
ask(libc.mount, b"/usr", b"/tmp", None, 4096, None)
got("mounted")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "remount",
        MOUNTS,
        "Make a mount writable",
        _ROOT_OF_ONES_OWN
        + """
target = DATA[0].encode()
libc.mount(target, target, None, 4096, None)
ask(libc.mount, None, target, None, 4096 | 32, None)
got("writable")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "mount-by-new-calls",
        MOUNTS,
        "Mount with the newer calls",
        _ROOT_OF_ONES_OWN
        + """
got("handle %d" % syscall(430, 430, b"tmpfs", 0))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "copy-of-a-mount",
        MOUNTS,
        "Take a copy of a mount",
        _ROOT_OF_ONES_OWN
        + """
got("handle %d" % syscall(428, 428, -100, b"/", 1 | 0x8000))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "unmount",
        MOUNTS,
        "Take a cover away",
        _ROOT_OF_ONES_OWN
        + """
libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)
each(("/proc/sys", "/tmp", "/dev/shm", "/data"), lambda place: (ask(libc.umount2, place.encode(), 2), got(place)))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "other-root",
        MOUNTS,
        "Change the root",
        _ROOT_OF_ONES_OWN + "os.chroot('/usr')\ngot('changed')\n",
        machine_may_refuse=True,
    ),
    Probe(
        "host-name-change",
        MOUNTS,
        "Name the machine",
        """
libc.unshare(0x10000000 | 0x04000000)
name = os.uname().nodename.encode()
ask(libc.sethostname, name, len(name))
got("named")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "files-by-number",
        CALLS,
        "Open files by their numbers, past every path",
        """
handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0), 136)
ask(libc.name_to_handle_at, -100, b"/usr", handle, ctypes.byref(ctypes.c_int()), 0)
got("a handle")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "bpf",
        CALLS,
        "Load a program into the kernel",
        """
attributes = (ctypes.c_uint32 * 18)(2, 4, 4, 1)
got("map %d" % syscall(321, 280, 0, attributes, 72))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "perf",
        CALLS,
        "Watch the processor's counters",
        """
attributes = (ctypes.c_uint32 * 32)(1, 128)
got("counter %d" % syscall(298, 241, attributes, 0, -1, -1, 0))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "userfaultfd",
        CALLS,
        "Stop the kernel in the middle of a copy",
        """
got("handle %d" % syscall(323, 282, 1))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "io-uring",
        CALLS,
        "Queue calls past the filter",
        """
got("ring %d" % syscall(425, 425, 4, (ctypes.c_uint32 * 30)()))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "same-file",
        CALLS,
        "Compare the insides of two processes",
        """
got("answer %d" % syscall(312, 272, os.getpid(), os.getpid(), 0, 0, 1))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "kernel-log",
        CALLS,
        "Read the machine's log",
        """
got("%d bytes" % ask(libc.klogctl, 10, None, 0))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "crypto-sockets",
        CALLS,
        "Open a rarely used kind of socket (AF_ALG)",
        """
socket.socket(38, socket.SOCK_SEQPACKET)
got("open")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "vsock",
        CALLS,
        "Open a socket to the host of a virtual machine",
        """
socket.socket(40, socket.SOCK_STREAM)
got("open")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "filter",
        CALLS,
        "Run without a filter of system calls",
        """
found = [line for line in read("/proc/self/status").splitlines() if line.startswith("Seccomp:")]
nothing("there is a filter") if found and found[0].split()[1] == "2" else got(found)
""",
        machine_may_refuse=True,
    ),
    Probe(
        "new-rights",
        RIGHTS,
        "Gain rights from a set-user-id program",
        """
if libc.prctl(39, 0, 0, 0, 0) == 1:
    nothing("no new privileges")
got("set-user-id programs work")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "capabilities",
        RIGHTS,
        "Hold or regain a capability",
        """
kinds = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
held = [line for line in read("/proc/self/status").splitlines() if line[:6] in kinds]
given = [line for line in held if int(line.split()[1], 16)]
got(given) if given or not held else nothing("none")
""",
    ),
    Probe("become-root", RIGHTS, "Become root", "os.setresuid(0, 0, 0)\ngot('root')\n", STAND_IN),
    Probe(
        "make-a-device",
        RIGHTS,
        "Make a device",
        """
place = "/tmp/halftide-probe-device"
try:
    os.mknod(place, 0o600 | 0o020000, os.makedev(1, 3))
    got("made")
finally:
    if os.path.exists(place):
        os.unlink(place)
""",
        machine_may_refuse=True,
    ),
    Probe(
        "devices",
        RIGHTS,
        "Find a device of the machine",
        """
usual = {"null", "zero", "full", "random", "urandom", "tty", "pts", "ptmx", "shm", "console", "core", "fd",
         "stdin", "stdout", "stderr"}
found = sorted(set(os.listdir("/dev")) - usual)
got(found[:5]) if found else nothing("none")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "disks",
        RIGHTS,
        "Open a disk or the machine's memory",
        """
names = ["/dev/mem", "/dev/kmsg", "/dev/fuse", "/dev/kvm", "/dev/net/tun", "/dev/loop-control", "/dev/vsock"]
def look(place):
    os.close(os.open(place, os.O_RDONLY | os.O_NONBLOCK))
    got(place)
each([*names, *glob.glob("/dev/[shv]d[a-z]"), *glob.glob("/dev/nvme*"), *glob.glob("/dev/dm-*")], look)
""",
        machine_may_refuse=True,
    ),
    Probe(
        "control-groups",
        RIGHTS,
        "Write to the control groups",
        """
def look(place):
    os.close(os.open(place, os.O_WRONLY))
    got(place)
found = [path for name in ("cgroup.procs", "release_agent") for path in glob.glob("/sys/fs/cgroup/*/" + name)]
each(["/sys/fs/cgroup/cgroup.procs", *found], look)
""",
        machine_may_refuse=True,
    ),
    Probe(
        "keystrokes",
        RIGHTS,
        "Type into the terminal of whoever started the workspace",
        """
import fcntl, termios
os.setsid()
primary, secondary = os.openpty()
fcntl.ioctl(secondary, termios.TIOCSCTTY, 0)
fcntl.ioctl(secondary, termios.TIOCSTI, b"x")
got("typed")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "core-dumps",
        RIGHTS,
        "Leave a copy of the memory behind in a crash",
        """
import resource
try:
    resource.setrlimit(resource.RLIMIT_CORE, (999, 999))
except ValueError:
    nothing("the limit is 0 and stays so")
got("allowed")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "limits",
        RIGHTS,
        "Raise one's own limits",
        """
import resource
soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
if hard == resource.RLIM_INFINITY:
    got("there is none")
try:
    resource.setrlimit(resource.RLIMIT_DATA, (hard * 2, hard * 2))
except ValueError:
    nothing("it can't be raised")
got("raised")
""",
        machine_may_refuse=True,
    ),
    Probe("priority", RIGHTS, "Put oneself before others", "os.nice(-5)\ngot('done')\n", machine_may_refuse=True),
)
