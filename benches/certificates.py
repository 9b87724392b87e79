"""An authority and a certificate for the host that everybody pretends to be."""

import subprocess

HOST = "kafka.us-east-1.amazonaws.com"


def make(folder):
    def openssl(*words):
        subprocess.run(["openssl", *map(str, words)], check=True, stderr=subprocess.DEVNULL)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-subj", "/CN=benchmark", "-days", 2, "-addext", "keyUsage=critical,keyCertSign",
            "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    openssl("req", "-x509", *key, "-subj", f"/CN={HOST}", "-days", 2, "-CA", folder / "ca.pem",
            "-CAkey", folder / "ca.key", "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1",
            "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", folder / "leaf.key", "-out", folder / "leaf.pem")
    both = (folder / "leaf.pem").read_text() + (folder / "leaf.key").read_text()
    (folder / "leaf.both").write_text(both)


def nginx(folder):
    """The directives that serve it."""
    return f"ssl_certificate {folder}/leaf.pem; ssl_certificate_key {folder}/leaf.key;"
