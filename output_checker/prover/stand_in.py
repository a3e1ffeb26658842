"""The network of the controls: a program that makes every address of the probes its own, and answers there.

It runs as root of a user and network namespace of its own, so nothing of the machine's network is touched. Bubblewrap
makes them, as some machines let no other program: wherever there is a sandbox, there is this.
"""

from output_checker.probes.network import ADDRESSES, TCP_PORTS, UDP_PORTS

COMMAND = (
    *("bwrap", "--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "ALL"),
    *("--unshare-net", "--unshare-uts", "--die-with-parent", "--dev-bind", "/", "/", "--"),
)

PROGRAM = f"""
import fcntl, socket, struct, threading
ADDRESSES, TCP_PORTS, UDP_PORTS = {ADDRESSES!r}, {TCP_PORTS!r}, {UDP_PORTS!r}

def own_addresses():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x41))
        for number, address in enumerate(ADDRESSES):
            if ":" not in address:
                name = b"lo:%d" % number
                fcntl.ioctl(s, 0x8916, struct.pack("16sH2s4s8x", name, socket.AF_INET, b"", socket.inet_aton(address)))
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            for address in ADDRESSES:
                if ":" in address:
                    packed = socket.inet_pton(socket.AF_INET6, address)
                    fcntl.ioctl(s, 0x8916, struct.pack("16sIi", packed, 128, socket.if_nametoindex("lo")))
    except OSError:
        return [(socket.AF_INET, "0.0.0.0")]
    return [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")]

def give(listener):
    while True:
        peer, _ = listener.accept()
        peer.close()

def echo(datagrams):
    while True:
        _, sender = datagrams.recvfrom(999)
        datagrams.sendto(b"an answer", sender)

def listen(family, address, kind, port, serve):
    s = socket.socket(family, kind)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind((address, port))
    if kind == socket.SOCK_STREAM:
        s.listen()
    threading.Thread(target=serve, args=(s,), daemon=True).start()

for family, address in own_addresses():
    for port in TCP_PORTS:
        listen(family, address, socket.SOCK_STREAM, port, give)
    for port in UDP_PORTS:
        listen(family, address, socket.SOCK_DGRAM, port, echo)
"""
