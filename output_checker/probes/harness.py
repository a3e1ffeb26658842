"""The program that tries probes: the same text runs in a kernel, in a terminal and, as their control, outside.

Promises: each probe runs in a process of its own with a time limit, so that one can't spoil another; it ends in exactly
one line, whatever happens in it. Only two ends count as blocked: an error of the operating system, and ``nothing``.
Anything else, silence included, could not be told.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from output_checker.probes.model import Outcome, Probe, Verdict

SECONDS = 20
"""What one probe may take."""
AT_ONCE = 6
"""Probes that run at the same time; most of them wait."""
LINE = "HALFTIDE-PROBE"

_PRELUDE = """
import ctypes, errno, glob, json, os, select, signal, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)

class Got(BaseException):
    pass

class Nothing(BaseException):
    pass

def got(what="done"):
    raise Got(repr(what) if not isinstance(what, str) else what)

def nothing(why):
    raise Nothing(why)

def prize(data, or_else=True):
    data = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    if PRIZE in data:
        raise Got("the planted secret")
    if or_else:
        raise Nothing("something else")

def read(place):
    with open(place, "rb") as file:
        return file.read(1 << 20).decode("utf-8", "replace")

def write(place):
    fd = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(fd)
    os.unlink(place)
    raise Got(place)

def each(places, attempt):
    last = OSError(errno.ENOENT, "")
    for place in places:
        try:
            attempt(place)
        except OSError as error:
            last = error
    raise last

def ask(function, *arguments):
    answer = function(*arguments)
    if answer == -1:
        raise OSError(ctypes.get_errno(), "")
    return answer

def syscall(x86, arm, *arguments):
    number = {"x86_64": x86, "aarch64": arm}[os.uname().machine]
    return ask(libc.syscall, number, *arguments)
"""

_ENGINE = """
def run(name, program, values, out):
    signal.alarm(SECONDS)
    try:
        exec(compile(PRELUDE, "prelude", "exec"), values)
        try:
            exec(compile(program, name, "exec"), values)
            ended = ["could not tell", "the probe said nothing"]
        except values["Got"] as got:
            ended = ["succeeded", str(got)]
        except values["Nothing"] as nothing:
            ended = ["blocked", str(nothing)]
        except OSError as error:
            ended = ["blocked", errno.errorcode.get(error.errno or 0, type(error).__name__)]
    except BaseException as error:
        ended = ["could not tell", "%s: %s" % (type(error).__name__, error)]
    os.write(out, json.dumps([name, ended[0], ended[1][:160]]).encode())
    os._exit(0)

def start(name, program):
    back, out = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(back)
        run(name, program, dict(VALUES), out)
    os.close(out)
    return name, child, back, time.monotonic() + SECONDS + 2

def finish(name, child, back):
    told = b""
    while select.select([back], [], [], 0)[0]:
        part = os.read(back, 65536)
        if not part:
            break
        told += part
    os.close(back)
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        pass
    os.waitpid(child, 0)
    if not told:
        told = json.dumps([name, "could not tell", "it did not end, or was ended"]).encode()
    print(LINE, NONCE, told.decode(), flush=True)

def main():
    waiting, running = list(PROGRAMS.items()), []
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            running.append(start(*waiting.pop(0)))
        ready = select.select([one[2] for one in running], [], [], 0.2)[0]
        over = [one for one in running if one[2] in ready or time.monotonic() > one[3]]
        for one in over:
            running.remove(one)
            finish(*one[:3])
    print(LINE, NONCE, "end", flush=True)
main()
"""


def program(probes: Iterable[Probe], values: Mapping[str, Any], nonce: str) -> str:
    """The whole program. ``values`` are what the probes know, as Python can write them down."""
    constants = {
        "LINE": LINE,
        "NONCE": nonce,
        "SECONDS": SECONDS,
        "AT_ONCE": AT_ONCE,
        "PRELUDE": _PRELUDE,
        "VALUES": dict(values),
        "PROGRAMS": {probe.name: probe.program for probe in probes},
    }
    written = "".join(f"{name} = {value!r}\n" for name, value in constants.items())
    return "import errno, json, os, select, signal, time\n" + written + _ENGINE


@dataclass
class Reading:
    """Takes what a program wrote apart, as it comes, in pieces of any size. ``over`` is set by the last line."""

    nonce: str
    over: bool = False
    _rest: str = ""

    def feed(self, text: str) -> list[tuple[str, Outcome]]:
        """The outcomes that this piece completes. What is not a line of ours is passed over."""
        *lines, self._rest = (self._rest + text).replace("\r", "").split("\n")
        found = []
        for line in lines:
            start = f"{LINE} {self.nonce} "
            if start not in line:
                continue
            told = line.partition(start)[2]
            if told == "end":
                self.over = True
                continue
            name, verdict, detail = json.loads(told)
            found.append((str(name), Outcome(Verdict(verdict), str(detail))))
        return found
