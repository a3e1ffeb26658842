"""Probes of files: the data, other projects, the machine's own files, and the places that programs are started from.

What a program would write to is told apart: in the workspace the real places, in the control stand-ins of the prover.
"""

from output_checker.probes.model import Control, Family, Probe

DATA, PROJECTS, SYSTEM, PLACES = Family.DATA, Family.PROJECTS, Family.SYSTEM, Family.PLACES


def _reads(places: str) -> str:
    return f"""
def look(place):
    with open(place, "rb") as file:
        got(place + ": %d bytes" % len(file.read(999)))
each({places}, look)
"""


def _lists(places: str) -> str:
    return f"""
def look(place):
    got(place + ": %d entries" % len(os.listdir(place)))
each({places}, look)
"""


def _writes(place: str) -> str:
    return f"each({place}, write)\n"


PROBES = (
    Probe("data-new-file", DATA, "Put a file among the data", _writes("[place + '/planted.csv' for place in DATA]")),
    Probe(
        "data-new-folder",
        DATA,
        "Make a folder among the data",
        """
def make(place):
    os.mkdir(place + "/planted")
    os.rmdir(place + "/planted")
    got(place)
each(DATA, make)
""",
    ),
    Probe(
        "data-change",
        DATA,
        "Open a data file for writing",
        """
def change(place):
    os.close(os.open(place, os.O_WRONLY | os.O_APPEND))
    got(place)
each(DATA_FILES, change)
""",
    ),
    Probe(
        "data-rename",
        DATA,
        "Put something else in the place of a data file",
        """
def move(place):
    os.rename(place, place + "-old")
    os.rename(place + "-old", place)
    got(place)
each(DATA_FILES, move)
""",
    ),
    Probe(
        "data-delete",
        DATA,
        "Delete a data file",
        """
def delete(place):
    os.link(place, place + "-again")
    os.unlink(place + "-again")
    got(place)
each(DATA_FILES, delete)
""",
    ),
    Probe(
        "data-mode",
        DATA,
        "Change who may write to the data",
        """
def change(place):
    os.chmod(place, os.stat(place).st_mode & 0o7777)
    got(place)
each([*DATA_FILES, *DATA], change)
""",
    ),
    Probe(
        "data-times",
        DATA,
        "Change the times of a data file",
        """
def change(place):
    told = os.stat(place)
    os.utime(place, ns=(told.st_atime_ns, told.st_mtime_ns))
    got(place)
each(DATA_FILES, change)
""",
    ),
    Probe(
        "other-project",
        PROJECTS,
        "Read a file of another project",
        "each([OTHER, '/data/../..' + OTHER, '/proc/1/root' + OTHER], lambda place: prize(read(place)))\n",
    ),
    Probe("other-projects-listed", PROJECTS, "List the folders of the projects", _lists("[PROJECTS, PROBES]")),
    Probe(
        "other-project-link",
        PROJECTS,
        "Reach another project's file through a link",
        """
import tempfile
with tempfile.TemporaryDirectory() as folder:
    os.symlink(OTHER, folder + "/link")
    prize(read(folder + "/link"))
""",
    ),
    Probe("hub-database", PROJECTS, "Read the hub's database and its cookie secret", _reads("HUB_SECRETS")),
    Probe("portal-database", PROJECTS, "Read the portal's database", _reads("PORTAL_DATABASE")),
    Probe("signing-key", PROJECTS, "Read the key that signs these results", _reads("SIGNING_KEY")),
    Probe("outputs", PROJECTS, "Read the outputs that wait for release", _lists("OUTPUTS")),
    Probe("datasets", PROJECTS, "List the site's datasets where they are kept", _lists("DATASETS")),
    Probe("logs", PROJECTS, "Read the hub's log", _lists("LOGS")),
    Probe(
        "accounts",
        SYSTEM,
        "Read the accounts of the machine",
        """
if "daemon" in read("/etc/passwd"):
    got("the machine's own accounts")
nothing("another list")
""",
    ),
    Probe(
        "passwords",
        SYSTEM,
        "Read the passwords of the machine",
        _reads("['/etc/shadow', '/etc/gshadow']"),
        machine_may_refuse=True,
    ),
    Probe(
        "home",
        SYSTEM,
        "Look into the home of whoever runs Halftide",
        """
names = set(os.listdir(HOST_HOME))
got("%d entries" % len(names)) if names == set(HOME_ENTRIES) else nothing("not what is there")
""",
    ),
    Probe(
        "host-name",
        SYSTEM,
        "Learn the name of the machine",
        """
got(HOST_NAME) if os.uname().nodename == HOST_NAME else nothing("another name")
""",
    ),
    Probe(
        "services-of-the-machine",
        SYSTEM,
        "Read the machine's configuration",
        _lists("['/etc/systemd', '/etc/ssh', '/etc/cron.d', '/etc/pam.d', '/var/lib', '/var/log', '/run/systemd']"),
    ),
    Probe("hardware", SYSTEM, "Look at the machine's hardware", _lists("['/sys/class/net', '/sys/class', '/sys']")),
    Probe(
        "analysis-environment",
        PLACES,
        "Plant a start-up file (.pth) in the kernels' environment",
        _writes("[place + '/halftide-probe.pth' for place in SITE_PACKAGES]"),
    ),
    Probe(
        "interpreter",
        PLACES,
        "Plant a program beside the interpreter",
        _writes("[place + '/halftide-probe' for place in INTERPRETERS]"),
    ),
    Probe(
        "kernelspecs",
        PLACES,
        "Plant a kernelspec where all users' are kept",
        _writes("[place + '/halftide-probe.json' for place in KERNELSPECS]"),
    ),
    Probe(
        "system-configuration",
        PLACES,
        "Plant configuration for all of the machine",
        _writes("[place + '/halftide-probe.py' for place in SYSTEM_CONFIGURATION]"),
    ),
    Probe(
        "programs",
        PLACES,
        "Plant a program that the server or the hub would start",
        _writes("[place + '/halftide-probe' for place in PROGRAMS]"),
    ),
    Probe(
        "halftide-itself",
        PLACES,
        "Change the code of Halftide",
        _writes("[place + '/halftide-probe.py' for place in OWN_CODE]"),
    ),
    Probe(
        "root-folder",
        PLACES,
        "Make a file in the root folder",
        _writes("[place + '/halftide-probe' for place in ROOT]"),
    ),
    Probe(
        "core-pattern",
        PLACES,
        "Have the machine start a program when something crashes",
        "os.close(os.open(CORE_PATTERN, os.O_WRONLY))\ngot('open')\n",
    ),
    Probe(
        "settings-of-the-machine",
        PLACES,
        "Change a setting of the running kernel",
        """
def look(place):
    os.close(os.open(place, os.O_WRONLY))
    got(place)
each(["/proc/sys/net/ipv4/conf/lo/forwarding", "/proc/sys/net/ipv4/ip_unprivileged_port_start",
      "/proc/sys/kernel/hostname", "/proc/sysrq-trigger"], look)
""",
        Control.STAND_IN,
    ),
)
