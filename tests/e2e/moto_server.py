"""Run moto, an emulator of AWS, for one test.

    moto_server.py [--verbose] [--tls CA] [--auth FILE]

Prints `listening on http://127.0.0.1:PORT`, one line, once it accepts
connections, and runs until its standard input closes or it gets SIGTERM: a
test that dies takes its server with it.

With --tls it listens on https:// under the names of AWS in us-east-1, speaks
HTTP/1.1 and HTTP/2, and writes the certificate of the authority that vouches
for it to the file CA. Both are made anew each time.

With --auth every request must be signed, and moto verifies the signature. The
one key it knows goes to FILE, in the form of AWS's shared credentials. (moto
refuses all requests without a body then, whoever signed them: ask with POST.)
"""

import argparse
import asyncio
import datetime
import ipaddress
import json
import logging
import os
import signal
import socket
import tempfile
import threading

from moto import settings
from moto.server import DomainDispatcherApplication, ThreadedMotoServer, create_backend_app

NAMES = ["*.us-east-1.amazonaws.com", "*.us-east-1.api.aws", "localhost"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verbose", action="store_true", help="log every request to stderr")
    parser.add_argument("--tls", metavar="CA", help="listen on https, and write the authority's certificate there")
    parser.add_argument("--auth", metavar="FILE", help="demand signatures with the key that is written there")
    options = parser.parse_args()
    if options.auth:
        demand_signatures(options.auth)
    if not options.verbose:
        # A test that does not read our stderr must not make us block on it.
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=wait_for_end_of_input, args=[stop], daemon=True).start()
    if options.tls:
        asyncio.run(serve_tls(options.tls, stop))
    else:
        serve(stop)


def demand_signatures(file: str) -> None:
    from moto.core.authorization import ActionAuthenticatorMixin
    from moto.iam.models import iam_backends

    iam = iam_backends["123456789012"]["aws"]
    iam.create_user(region_name="us-east-1", user_name="recorder")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy("recorder", "everything", json.dumps(everything))
    key = iam.create_access_key("recorder")
    with open(file, "w") as stream:
        stream.write("[recorder]\n")
        stream.write(f"aws_access_key_id = {key.access_key_id}\naws_secret_access_key = {key.secret_access_key}\n")
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    ActionAuthenticatorMixin.request_count = 0


def serve(stop: threading.Event) -> None:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()  # returns when the socket listens
    host, port = server.get_host_and_port()
    print(f"listening on http://{host}:{port}", flush=True)
    stop.wait()


async def serve_tls(authority: str, stop: threading.Event) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    listener = socket.create_server(("127.0.0.1", 0))
    with tempfile.TemporaryDirectory() as folder:
        config = Config()
        config.bind = [f"fd://{listener.fileno()}"]
        config.certfile, config.keyfile = certificate(folder, authority)
        config.alpn_protocols = ["h2", "http/1.1"]
        config.errorlog = None
        config.wsgi_max_body_size = 1 << 30
        print(f"listening on https://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        application = DomainDispatcherApplication(create_backend_app)
        await serve(application, config, mode="wsgi", shutdown_trigger=lambda: asyncio.to_thread(stop.wait))


def certificate(folder: str, authority: str) -> tuple[str, str]:
    """A certificate for NAMES and its key, as files; what vouches for it goes to the file `authority`."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)

    def make(name: str, key, issuer: str, signer, *extensions) -> bytes:
        builder = x509.CertificateBuilder(
            issuer_name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]),
            subject_name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]),
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - day,
            not_valid_after=now + day,
            extensions=[x509.Extension(value.oid, critical, value) for value, critical in extensions],
        )
        return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    above, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    usage = dict.fromkeys(
        ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"], False)  # fmt: skip
    alternatives = [x509.DNSName(name) for name in NAMES] + [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    above_id = x509.SubjectKeyIdentifier.from_public_key(above.public_key())
    root = make(
        "moto's authority", above, "moto's authority", above,
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.KeyUsage(**(usage | {"key_cert_sign": True})), True),
        (above_id, False),
    )  # fmt: skip
    leaf = make(
        "moto", key, "moto's authority", above,
        (x509.SubjectAlternativeName(alternatives), False),
        (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above_id), False),
    )  # fmt: skip
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files = os.path.join(folder, "leaf.pem"), os.path.join(folder, "leaf.key")
    for file, text in [(files[0], leaf), (files[1], secret), (authority, root)]:
        with open(file, "wb") as stream:
            stream.write(text)
    return files


def wait_for_end_of_input(stop: threading.Event) -> None:
    # Not sys.stdin: its lock would abort the interpreter when SIGTERM ends us first.
    while os.read(0, 4096):
        pass
    stop.set()


if __name__ == "__main__":
    main()
