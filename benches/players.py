"""Who replays beside us, and how each is started: as its own documentation has it for one core.

Each is given what was recorded of one server: `count` answers, one for each number in the path. Those that
cannot read a recording of ours are told the same answers in their own way.
"""

import re
import shutil
import subprocess

import contestants
from parts import BARE, HTTPMOCK_REPLAY, MITMDUMP, ONRECORD, PROXY, WIREMOCK, Program, load, wait_for_port

HOST = "kafka.us-east-1.amazonaws.com"


class Recording:
    """What a server answered to `count` requests, recorded by us and, where it is asked for, by a peer."""

    def __init__(self, folder, upstream, count, path):
        self.folder, self.upstream, self.count = folder, upstream, count
        folder.mkdir()
        self.body = upstream.answer
        self.cassette = folder / "cassette.json"
        words = [ONRECORD, "record", "--mode", "all", "--contract", "msk", "--listen", "127.0.0.1:18399"]
        words += ["--cassette", self.cassette, "--upstream", f"http://127.0.0.1:{upstream.port}"]
        self.record(words, path)
        # As clients send it: with the account id that the answers name, which is a pseudonym.
        with self.cassette.open() as file:
            target = re.search(r'"target": "(\S+)"', file.read(4000))[1]
        self.path = re.sub(r"orders-\d{8}", "orders-########", target)

    def record(self, words, path):
        program = Program(words, PROXY)
        wait_for_port(18_399, program)
        counted = load(["--to", "127.0.0.1:18399", "--host", HOST, "--mix", path, "--signed",
                        "--distinct", self.count, "--requests", self.count])
        assert counted["requests"] == self.count and not counted["errors"], counted
        program.end()

    def flows(self):
        flows = self.folder / "flows"
        if not flows.exists():
            words = [MITMDUMP, "-q", "--mode", f"reverse:http://127.0.0.1:{self.upstream.port}"]
            words += ["--set", f"confdir={self.folder / 'mitmproxy'}", "--set", "keep_host_header=true"]
            words += ["--listen-host", "127.0.0.1", "--listen-port", 18_399, "-w", flows]
            self.record(words, self.path)
        return flows

    def mappings(self):
        root = self.folder / "wiremock"
        if not root.exists():
            (root / "mappings").mkdir(parents=True)
            words = [ONRECORD, "cassette", "export", "--to", "wiremock", self.cassette]
            subprocess.run([*words, "--output", root / "mappings/all.json"], check=True)
        return root


class Player:
    #: how many answers it can be asked to hold without waiting for minutes
    most = 100_000

    def __init__(self, recording, port, core=PROXY):
        self.recording, self.port, self.core = recording, port, core
        self.start()
        wait_for_port(self.port, self.program, seconds=600)

    def target(self):
        return ["--to", f"127.0.0.1:{self.port}", "--host", HOST, "--mix", self.recording.path, "--signed",
                "--distinct", self.recording.count, "--connections", 32]

    def stop(self):
        self.program.end()

    def says_port(self, words):
        self.program = Program(words, self.core, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(re.search(rb"\d+", self.program.child.stdout.readline())[0])


class Bare(Player):
    name = "bare hyper, one fixed body"

    def start(self):
        self.says_port([BARE, self.recording.body])


class Nginx(Player):
    name = "nginx, one static file"

    def start(self):
        folder = self.recording.folder
        self.program = contestants.nginx(folder, "static", f"""
            server {{ listen 127.0.0.1:{self.port} backlog=4000; root {self.recording.body.parent};
                      default_type application/json; open_file_cache max=10;
                      location / {{ try_files /{self.recording.body.name} =404; }} }}""", self.core)


class Onrecord(Player):
    name = "onrecord --contract msk"
    contract = ()

    def start(self):
        words = [ONRECORD, "replay", "--after-last", "repeat", "--listen", f"127.0.0.1:{self.port}", *self.contract]
        self.program = Program([*words, "--cassette", self.recording.cassette], self.core)


class Httpmock(Player):
    name, most = "httpmock", 10_000

    def start(self):
        self.says_port([HTTPMOCK_REPLAY, self.recording.path, self.recording.count, self.recording.body])

    def stop(self):
        self.program.end(None)


class Mitmdump(Player):
    name, most = "mitmdump --server-replay", 10_000

    def start(self):
        words = [MITMDUMP, "-q", "--mode", f"reverse:http://127.0.0.1:{self.recording.upstream.port}"]
        words += ["--set", f"confdir={self.recording.folder / 'mitmproxy'}", "--set", "keep_host_header=true"]
        words += ["--set", "server_replay_reuse=true", "--set", "server_replay_extra=404", "--set", "connection_strategy=lazy"]
        words += ["--listen-host", "127.0.0.1", "--listen-port", self.port, "-S", self.recording.flows()]
        self.program = Program(words, self.core)


class WireMock(Player):
    name, most = "WireMock", 10_000

    def start(self):
        root = self.recording.mappings()
        words = ["java", "-jar", WIREMOCK, "--bind-address", "127.0.0.1", "--port", self.port]
        self.program = Program([*words, "--root-dir", root, "--no-request-journal"], self.core)


def players():
    known = [Bare, Nginx, Onrecord, Httpmock, Mitmdump]
    return known + ([WireMock] if WIREMOCK and shutil.which("java") else [])
