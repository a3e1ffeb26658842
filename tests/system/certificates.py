"""Certificates for tests, made on the spot for one host and all names below it, and a small proxy that ends TLS."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Files with a certificate for ``host`` and ``*.host``, signed by itself, and with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host), x509.DNSName(f"*.{host}")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


class _EndsTls(socketserver.BaseRequestHandler):
    """One request of a connection: into plain HTTP it goes, with the word that it came over TLS."""

    target: int
    context: ssl.SSLContext

    def handle(self) -> None:
        """Hand on the request, then whatever comes from either side."""
        with (
            self.context.wrap_socket(self.request, server_side=True) as near,
            socket.create_connection(("127.0.0.1", self.target)) as far,
        ):
            line, _, rest = near.recv(65536).partition(b"\r\n")
            far.sendall(line + b"\r\nX-Forwarded-Proto: https\r\n" + rest)
            back = threading.Thread(target=self._hand_on, args=(far, near))
            back.start()
            self._hand_on(near, far)
            back.join()

    @staticmethod
    def _hand_on(one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            return  # one of the two has gone


class _Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def tls_proxy(public: int, target: int, certificate: Path, key: Path) -> Iterator[None]:
    """A proxy on port ``public`` that ends TLS and hands on to port ``target``."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    handler = type("EndsTls", (_EndsTls,), {"target": target, "context": context})
    with _Threads(("127.0.0.1", public), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield
        server.shutdown()
        thread.join()
