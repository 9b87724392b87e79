"""What a benchmark prints: Markdown tables, and the machine that they are true for."""

import os
import platform
import subprocess

import contestants
from parts import CORES


def table(rows):
    number = lambda value: f"{value:,.0f}" if isinstance(value, float) else str(value)
    print("| " + " | ".join(rows[0]) + " |")
    print("|" + " --- |" + " ---: |" * (len(rows[0]) - 1))
    for row in rows:
        print("| " + " | ".join(number(value) for value in row.values()) + " |", flush=True)


def cores():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return f"{model}, {len(CORES)} cores used, Linux {platform.release()}, load average {os.getloadavg()[0]:.1f}"


def machine():
    said = lambda *words: (subprocess.run(words, capture_output=True, text=True).stdout
                           or subprocess.run(words, capture_output=True, text=True).stderr).splitlines()[0]
    programs = [said("nginx", "-v"), said("haproxy", "-v"), said(str(contestants.MITMDUMP), "--version"),
                "httpmock 0.9.0", said(str(contestants.ONRECORD), "--version")]
    return f"{cores()}\n" + "; ".join(programs)
