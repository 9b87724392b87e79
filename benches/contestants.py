"""Who is compared, and how each is started: as its own documentation has it for one core.

Each is a class with `name`, `start`, and `stop`, which lets it save what it recorded and returns the
seconds that took, the most memory it had, and what is on disk then.
"""

import os
import re
import subprocess

import certificates
from certificates import HOST
from parts import HTTPMOCK, MITMDUMP, ONRECORD, PROXY, REST, Program, disk, wait_for_port

NGINX = """
user root; daemon off; pid {folder}/{name}.pid; error_log {folder}/{name}.log warn; worker_processes 1;
events {{ worker_connections 4000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; tcp_nodelay on; sendfile on;
  client_body_temp_path {folder}/{name}-1; proxy_temp_path {folder}/{name}-2; fastcgi_temp_path {folder}/{name}-3;
  uwsgi_temp_path {folder}/{name}-4; scgi_temp_path {folder}/{name}-5;
  ssl_session_cache off;
  {http}
}}
"""

HAPROXY = """
global
  nbthread 1
  maxconn 2000
defaults
  mode http
  http-reuse always
  timeout connect 10s
  timeout client 1h
  timeout server 1h
frontend in
  bind 127.0.0.1:{port} {bind}
  default_backend out
backend out
  server upstream 127.0.0.1:{upstream} {server}
"""


def nginx(folder, name, http, core):
    conf = folder / f"{name}.conf"
    conf.write_text(NGINX.format(folder=folder, name=name, http=http))
    return Program(["nginx", "-p", folder, "-e", folder / f"{name}.log", "-c", conf], core)


class Upstream:
    """The server behind all of them: nginx with the files of a folder, whatever the path's method.

    As AWS does, it gives each answer a request id of its own, which a recorder must not keep for ever.
    """

    def __init__(self, folder, files, port):
        self.plain, self.tls = port, port + 1
        self.program = nginx(folder, "upstream", f"""
            server {{
              listen 127.0.0.1:{self.plain} backlog=4000;
              listen 127.0.0.1:{self.tls} ssl backlog=4000;
              {certificates.nginx(folder)}
              root {files}; default_type application/json;
              add_header x-amzn-requestid $request_id;
            }}""", REST)
        wait_for_port(self.tls, self.program)


class Contestant:
    #: how requests get there: words for the load generator
    load = ()

    def __init__(self, folder, upstream, port, tls):
        self.folder, self.upstream, self.port, self.tls = folder, upstream, port, tls
        folder.mkdir(parents=True, exist_ok=True)
        self.start()
        wait_for_port(self.port, self.program)

    def target(self):
        words = ["--to", f"127.0.0.1:{self.port}", "--host", HOST, *self.load]
        return words + (["--ca", self.authority()] if self.tls else [])

    def authority(self):
        return self.folder.parent / "ca.pem"

    def stop(self):
        seconds, peak = self.program.end()
        return seconds, peak, disk(self.folder) if self.records else None


class Nginx(Contestant):
    name, records = "nginx, proxying only", False

    def start(self):
        folder = self.folder.parent
        listen = f"listen 127.0.0.1:{self.port} backlog=4000;"
        to = f"http://up"
        if self.tls:
            listen = f"listen 127.0.0.1:{self.port} ssl backlog=4000; {certificates.nginx(folder)}"
            to = f"""https://up; proxy_ssl_name {HOST}; proxy_ssl_server_name on; proxy_ssl_verify on;
              proxy_ssl_trusted_certificate {folder}/ca.pem"""
        port = self.upstream.tls if self.tls else self.upstream.plain
        self.program = nginx(folder, "nginx", f"""
            upstream up {{ server 127.0.0.1:{port}; keepalive 64; keepalive_requests 1000000000; }}
            server {{
              {listen}
              location / {{ proxy_pass {to}; proxy_http_version 1.1; proxy_set_header Connection "";
                            proxy_set_header Host $http_host; }}
            }}""", PROXY)


class Haproxy(Contestant):
    name, records = "haproxy, proxying only", False

    def start(self):
        folder = self.folder.parent
        bind, server, port = "", "", self.upstream.plain
        if self.tls:
            bind = f"ssl crt {folder}/leaf.both"
            server, port = f"ssl verify required ca-file {folder}/ca.pem sni str({HOST})", self.upstream.tls
        conf = folder / "haproxy.conf"
        conf.write_text(HAPROXY.format(port=self.port, upstream=port, bind=bind, server=server))
        self.program = Program(["haproxy", "-f", conf], PROXY)


class Onrecord(Contestant):
    name, records = "onrecord", True
    contract = ("--contract", "msk")

    def start(self):
        words = [ONRECORD, "record", "--mode", "all", *self.contract, "--listen", f"127.0.0.1:{self.port}"]
        words += ["--cassette", self.folder / "cassette.json"]
        environment = os.environ | {"XDG_DATA_HOME": str(self.folder.parent / "data")}
        if self.tls:
            subprocess.run([ONRECORD, "ca"], env=environment, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            words += ["--proxy", "--upstream-ca", self.folder.parent / "ca.pem"]
            words += ["--connect-to", f"{HOST}:443:127.0.0.1:{self.upstream.tls}"]
            self.load = ["--proxy"]
        else:
            words += ["--upstream", f"http://127.0.0.1:{self.upstream.plain}"]
        self.program = Program(words, PROXY, env=environment, cwd=self.folder.parent)

    def target(self):
        words = super().target()
        return [f"{HOST}:443" if self.tls and word == HOST else word for word in words]

    def authority(self):
        return self.folder.parent / "data/onrecord/ca.pem"


class OnrecordPlain(Onrecord):
    name, contract = "onrecord, without a contract", ()


class Mitmdump(Contestant):
    name, records = "mitmdump -w", True

    def start(self):
        port = self.upstream.tls if self.tls else self.upstream.plain
        scheme = "https" if self.tls else "http"
        confdir = self.folder.parent / "mitmproxy"
        words = [MITMDUMP, "-q", "--mode", f"reverse:{scheme}://127.0.0.1:{port}", "--set", f"confdir={confdir}"]
        words += ["--listen-host", "127.0.0.1", "--listen-port", self.port, "-w", self.folder / "flows"]
        words += ["--set", "keep_host_header=true"]
        if self.tls:
            words += ["--set", f"ssl_verify_upstream_trusted_ca={self.folder.parent / 'ca.pem'}"]
        self.program = Program(words, PROXY)

    def authority(self):
        return self.folder.parent / "mitmproxy/mitmproxy-ca-cert.pem"


class Httpmock(Contestant):
    name, records = "httpmock, recording", True

    def start(self):
        words = [HTTPMOCK, f"http://127.0.0.1:{self.upstream.plain}", self.folder]
        self.program = Program(words, PROXY, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.program.child.stdout.readline().decode()
        self.port = int(re.search(r"\d+", line)[0])

    def stop(self):
        seconds, peak = self.program.end(None)
        return seconds, peak, disk(self.folder)


PLAIN = [Nginx, Haproxy, Onrecord, OnrecordPlain, Httpmock, Mitmdump]
TLS = [Nginx, Haproxy, Onrecord, Mitmdump]
