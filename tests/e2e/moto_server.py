"""Run moto, an emulator of AWS, for one test.

    moto_server.py [--verbose]      --verbose logs every request to stderr

Prints `listening on http://127.0.0.1:PORT`, one line, once it accepts
connections, and runs until its standard input closes or it gets SIGTERM: a
test that dies takes its server with it.
"""

import logging
import os
import signal
import sys
import threading

from moto.server import ThreadedMotoServer


def main() -> None:
    if "--verbose" not in sys.argv[1:]:
        # A test that does not read our stderr must not make us block on it.
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=wait_for_end_of_input, args=[stop], daemon=True).start()

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()  # returns when the socket listens
    host, port = server.get_host_and_port()
    print(f"listening on http://{host}:{port}", flush=True)
    stop.wait()


def wait_for_end_of_input(stop: threading.Event) -> None:
    # Not sys.stdin: its lock would abort the interpreter when SIGTERM ends us first.
    while os.read(0, 4096):
        pass
    stop.set()


if __name__ == "__main__":
    main()
