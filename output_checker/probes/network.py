"""Probes of the network: addresses near and far, names, and the packets that go around sockets.

The stand-in network of the controls answers at ``ADDRESSES`` on ``TCP_PORTS`` and ``UDP_PORTS`` (``stand_in.py``).
"""

from output_checker.probes.model import Control, Family, Probe

INTERNET, INTERNET6 = "1.1.1.1", "2606:4700:4700::1111"
LOCAL_NETWORK, ENGINE, CLUSTER = "192.168.0.1", "172.17.0.1", "10.96.0.1"
METADATA: dict[str, tuple[str, str]] = {
    "most clouds": ("169.254.169.254", "the metadata service of AWS, Azure, Google Cloud and OpenStack"),
    "containers": ("169.254.170.2", "the credentials service of AWS containers"),
    "pods": ("169.254.170.23", "the identity agent of EKS pods"),
    "alibaba": ("100.100.100.200", "the metadata service of Alibaba Cloud"),
    "oracle": ("192.0.0.192", "the metadata service of Oracle Cloud's first generation"),
    "aws-v6": ("fd00:ec2::254", "the metadata service of AWS over IPv6"),
    "gcp-v6": ("fd20:ce::254", "the metadata service of Google Cloud over IPv6"),
}
ADDRESSES = (INTERNET, INTERNET6, LOCAL_NETWORK, ENGINE, CLUSTER, *(address for address, _ in METADATA.values()))
TCP_PORTS = (53, 80, 443, 2375)
UDP_PORTS = (53, 443)


def _connects(address: str, port: int) -> str:
    return f"""
with socket.create_connection(({address!r}, {port}), 3):
    got("connected")
"""


def _answers(family: str, address: str) -> str:
    return f"""
with socket.socket(socket.{family}, socket.SOCK_DGRAM) as s:
    s.settimeout(2)
    question = b"\\x07example\\x03org\\x00\\x00\\x01\\x00\\x01"
    s.sendto(b"\\x48\\x54\\x01\\x00\\x00\\x01" + bytes(6) + question, ({address}))
    got(s.recv(999))
"""


def _echo(family: str, protocol: str, packet: str, address: str) -> str:
    return f"""
def echo(kind):
    with socket.socket(socket.{family}, kind, socket.getprotobyname({protocol!r})) as s:
        s.settimeout(2)
        s.sendto({packet}, ({address!r}, 0))
        got(s.recv(999))
each((socket.SOCK_DGRAM, socket.SOCK_RAW), echo)
"""


NETWORK = Family.NETWORK
PROBES = (
    Probe(
        "tcp-loopback",
        NETWORK,
        "Connect to a program that listens on this machine",
        """
with socket.create_connection(("127.0.0.1", TCP), 3) as s:
    prize(s.recv(99))
""",
    ),
    Probe(
        "tcp6-loopback",
        NETWORK,
        "Connect to a program that listens on this machine, over IPv6",
        """
with socket.create_connection(("::1", TCP6), 3) as s:
    prize(s.recv(99))
""",
        machine_may_refuse=True,
    ),
    Probe(
        "udp-loopback",
        NETWORK,
        "Ask a program of this machine over UDP",
        """
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.settimeout(2)
    s.sendto(b"x", ("127.0.0.1", UDP))
    prize(s.recv(99))
""",
    ),
    Probe("tcp-internet", NETWORK, "Connect to the internet", _connects(INTERNET, 443), Control.STAND_IN),
    Probe("http-internet", NETWORK, "Connect to a web server", _connects(INTERNET, 80), Control.STAND_IN),
    Probe(
        "tcp6-internet",
        NETWORK,
        "Connect to the internet over IPv6",
        _connects(INTERNET6, 443),
        Control.STAND_IN,
        machine_may_refuse=True,
    ),
    Probe(
        "udp-internet",
        NETWORK,
        "Send to the internet over UDP",
        _answers("AF_INET", f'"{INTERNET}", 443'),
        Control.STAND_IN,
    ),
    Probe("tcp-local-network", NETWORK, "Connect to the local network", _connects(LOCAL_NETWORK, 80), Control.STAND_IN),
    Probe(
        "tcp-container-engine",
        NETWORK,
        "Connect to a container engine's network",
        _connects(ENGINE, 2375),
        Control.STAND_IN,
    ),
    Probe("tcp-cluster", NETWORK, "Connect to a Kubernetes API", _connects(CLUSTER, 443), Control.STAND_IN),
    Probe("dns-udp", NETWORK, "Ask a name server", _answers("AF_INET", f'"{INTERNET}", 53'), Control.STAND_IN),
    Probe(
        "dns-udp6",
        NETWORK,
        "Ask a name server over IPv6",
        _answers("AF_INET6", f'"{INTERNET6}", 53, 0, 0'),
        Control.STAND_IN,
        machine_may_refuse=True,
    ),
    Probe("dns-tcp", NETWORK, "Ask a name server over TCP", _connects(INTERNET, 53), Control.STAND_IN),
    Probe(
        "icmp",
        NETWORK,
        "Ping",
        _echo("AF_INET", "icmp", 'struct.pack("!BBHHH", 8, 0, 0xF7FD, 1, 1)', INTERNET),
        Control.STAND_IN,
    ),
    Probe(
        "icmp6",
        NETWORK,
        "Ping over IPv6",
        _echo("AF_INET6", "ipv6-icmp", 'struct.pack("!BBHHH", 128, 0, 0, 1, 1)', INTERNET6),
        Control.STAND_IN,
        machine_may_refuse=True,
    ),
    Probe(
        "raw-socket",
        NETWORK,
        "Make packets by hand",
        """
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
got("a raw socket")
""",
        Control.STAND_IN,
    ),
    Probe(
        "packet-socket",
        NETWORK,
        "Listen on the wire",
        """
socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
got("a packet socket")
""",
        Control.STAND_IN,
    ),
    Probe(
        "new-address",
        NETWORK,
        "Give the loopback another address",
        """
import fcntl
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    name = struct.pack("16sH2s4s8x", b"lo:77", socket.AF_INET, b"", socket.inet_aton("198.51.100.77"))
    fcntl.ioctl(s, 0x8916, name)
    got("configured")
""",
        Control.STAND_IN,
    ),
    Probe(
        "interfaces",
        NETWORK,
        "Find a network beside the loopback",
        """
names = [name for _, name in socket.if_nameindex() if name != "lo"]
got(names) if names else nothing("only a loopback")
""",
        machine_may_refuse=True,
    ),
    Probe(
        "network-of-the-machine",
        NETWORK,
        "Share the machine's own network",
        """
same = os.stat("/proc/self/ns/net").st_ino == NAMESPACES["net"]
got("it is the same") if same else nothing("another network")
""",
    ),
    *(
        Probe(
            f"metadata-{name}".replace(" ", "-"),
            Family.METADATA,
            f"Connect to {told}",
            _connects(address, 80),
            Control.STAND_IN,
            machine_may_refuse=":" in address,
        )
        for name, (address, told) in METADATA.items()
    ),
)
