"""Has a provider of a few lines recorded by vcrpy, go-vcr and mitmproxy, see README.md."""

import gzip
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
import vcr


class H(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def do(self):
        n = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(n)
        if self.path.startswith("/bytes"): data, kind = bytes(range(256)), "application/octet-stream"
        elif self.path.startswith("/packed"): data, kind = gzip.compress(b'{"packed":true}', mtime=0), "application/json"
        elif self.path.startswith("/echo"): data, kind = body, self.headers.get("content-type") or "text/plain"
        else: data, kind = b'{"clusterInfoList":[]}', "application/json"
        self.send_response(404 if self.path.startswith("/missing") else 200)
        self.send_header("content-type", kind)
        self.send_header("set-cookie", "a=1"); self.send_header("set-cookie", "b=2")
        if self.path.startswith("/packed"): self.send_header("content-encoding", "gzip")
        self.send_header("content-length", str(len(data)))
        self.end_headers(); self.wfile.write(data)
    do_GET = do_POST = do_PUT = do_DELETE = do


server = ThreadingHTTPServer(("127.0.0.1", 0), H)
threading.Thread(target=server.serve_forever, daemon=True).start()
URL = f"http://127.0.0.1:{server.server_port}"


def story(session, third):
    session.get(URL + "/v1/clusters?maxResults=2", headers={"authorization": "Bearer hunter2-hunter2"})
    session.post(URL + "/echo", json={"clusterName": "a", "text": "\u00fc\n  b"})
    session.post(URL + "/echo", data=third)
    session.get(URL + "/bytes")
    session.get(URL + "/packed")
    session.get(URL + "/missing/x%20y")
    session.delete(URL + "/v1/clusters/a")


with vcr.use_cassette("vcrpy.yaml"):
    story(requests.Session(), bytes(range(256)))

packages = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}
subprocess.run(["go", "run", "govcr.go", URL, "govcr"], env=os.environ | packages, check=True)

port = int(sys.argv[1])
proxy = subprocess.Popen(["mitmdump", "-q", "--listen-host", "127.0.0.1", "-p", str(port), "--set", "hardump=mitmproxy.har"])
for _ in range(100):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        break
    except OSError:
        time.sleep(0.2)
session = requests.Session()
session.proxies = {"http": f"http://127.0.0.1:{port}"}
session.trust_env = False
story(session, {"a": "b c", "d": "\u00e9"})
session.close()
proxy.send_signal(signal.SIGINT)
proxy.wait()
