"""Run a server that is not ours for one test, and save the contract that it publishes.

    server.py (kinto|optimade) CONTRACT

Prints `listening on http://127.0.0.1:PORT`, one line, once it answers and the contract is in the file
CONTRACT, and runs until its standard input closes.

Kinto keeps records in memory. Anybody may do anything there; a bucket and a collection are made, and a page
has at most four records. OPTIMADE serves the structures that its package brings along, in memory too.
"""

import json
import logging
import os
import pathlib
import socket
import sys
import threading
import urllib.request
import warnings


def main():
    name, contract = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    serve, published, prepare = {"kinto": (kinto, "/v1/__api__", records), "optimade": (optimade, OPENAPI, len)}[name]
    threading.Thread(target=serve, args=[listener], daemon=True).start()
    prepare(url)
    with urllib.request.urlopen(url + published) as answer:
        pathlib.Path(contract).write_bytes(answer.read())
    print(f"listening on {url}", flush=True)
    while os.read(0, 4096):
        pass


def kinto(listener):
    from kinto import main as application
    from waitress import create_server

    memory = {f"kinto.{name}_backend": f"kinto.core.{name}.memory" for name in ("storage", "cache", "permission")}
    rights = {f"kinto.bucket_{right}_principals": "system.Everyone" for right in ("create", "read", "write")}
    settings = {"kinto.userid_hmac_secret": "0" * 64, "kinto.paginate_by": "4"}
    create_server(application({}, **memory, **rights, **settings), sockets=[listener]).run()


def records(url):
    for path in ("/v1/buckets/shelf", "/v1/buckets/shelf/collections/books"):
        urllib.request.urlopen(urllib.request.Request(url + path, method="PUT")).close()


OPENAPI = "/v1/extensions/openapi.json"


def optimade(listener):
    import tempfile

    import uvicorn

    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "config.json")
        config.write_text(json.dumps({"database_backend": "mongomock", "insert_test_data": True}))
        os.environ["OPTIMADE_CONFIG_FILE"] = str(config)
        from optimade.server.main import app

        uvicorn.Server(uvicorn.Config(app, log_config=None)).run(sockets=[listener])


if __name__ == "__main__":
    main()
