"""Programs under measurement: started on a core of their own, with what they used of it."""

import json
import os
import pathlib
import signal
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
ONRECORD = pathlib.Path(os.environ.get("ONRECORD", HERE.parent / "target/release/onrecord"))
LOAD = HERE / "peers/target/release/load"
HTTPMOCK = HERE / "peers/target/release/httpmock-record"
HTTPMOCK_REPLAY = HERE / "peers/target/release/httpmock-replay"
BARE = HERE / "peers/target/release/bare"
MITMDUMP = HERE / ".venv/bin/mitmdump"
# npm has WireMock; benches/setup puts it here.
WIREMOCK = next(iter((HERE / "peers/node_modules/wiremock/build").glob("*.jar")), None)

# One core for what is measured, the other for those who ask and answer.
CORES = sorted(os.sched_getaffinity(0))
PROXY, REST = CORES[0], CORES[-1]

TICKS = os.sysconf("SC_CLK_TCK")


class Program:
    """A program and its children."""

    def __init__(self, words, core, **options):
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.DEVNULL)
        options.setdefault("stdin", subprocess.DEVNULL)
        self.child = subprocess.Popen(
            [str(word) for word in words], preexec_fn=lambda: os.sched_setaffinity(0, {core} if core is not None else CORES), **options
        )

    def pids(self):
        found, left = [], [self.child.pid]
        while left:
            pid = left.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                left += [int(child) for child in task.read_text().split()]
        return found

    def cpu(self):
        """Seconds of processor time so far."""
        ticks = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def memory(self, field="VmRSS"):
        """Resident memory in MiB: VmRSS for now, VmHWM for the most it ever was."""
        kib = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith(field + ":"):
                    kib += int(line.split()[1])
        return kib / 1024

    def spread(self):
        """Gives it all cores."""
        for pid in self.pids():
            for task in os.listdir(f"/proc/{pid}/task"):
                os.sched_setaffinity(int(task), CORES)

    def end(self, how=signal.SIGTERM):
        """Asks it to end; returns the seconds that took and the most memory it had until then."""
        start, peak = time.monotonic(), self.memory("VmHWM")
        if how is None:
            self.child.stdin.close()
        else:
            self.child.send_signal(how)
        while self.child.poll() is None:
            try:
                peak = max(peak, self.memory("VmHWM"))
            except (OSError, IndexError):
                pass  # it ends as we look
            time.sleep(0.005)
        return time.monotonic() - start, peak


def wait_for_port(port, program, seconds=60):
    """Until it listens: asked of the kernel, for a connection would be traffic."""
    wanted = f":{port:04X}"
    for _ in range(seconds * 50):
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            for line in pathlib.Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(wanted) and fields[3] == "0A":
                    return
        if program.child.poll() is not None:
            raise RuntimeError(f"{program.child.args[0]} ended at once")
        time.sleep(0.02)
    raise RuntimeError(f"{program.child.args[0]} does not listen")


def load(words):
    """Runs the load generator, and returns what it counted."""
    words = [str(word) for word in [LOAD, *words]]
    pin = lambda: os.sched_setaffinity(0, {REST})
    output = subprocess.run(words, preexec_fn=pin, stdout=subprocess.PIPE, check=True).stdout
    return json.loads(output.splitlines()[-1])


def disk(folder):
    """Bytes on disk below a folder."""
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())
