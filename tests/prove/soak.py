#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has one process judge a million lines, accepted and rejected ones, and looks at its descriptors and its memory on the way.

usage: soak.py SIGPOLICY FIXTURES [--lines N] [--budget SECONDS]

Memory after the first twentieth is what the rest is held against: it may grow by 2 MiB. Prints a table; exits 1 where it grew, where
descriptors changed, or an answer was wrong.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time


def looked_at(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        memory = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    return len(os.listdir(f"/proc/{pid}/fd")), memory


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sigpolicy")
    parser.add_argument("fixtures")
    parser.add_argument("--lines", type=int, default=1000000)
    parser.add_argument("--budget", type=float, default=0, help="seconds; 0: all lines")
    options = parser.parse_args()
    fixture = lambda name: os.path.join(os.path.abspath(options.fixtures), name)
    requirement = {"type": "sigstoreSigned", "keyPath": fixture("sigstore-made/ours.pub")}
    question = lambda signature: json.dumps({"manifest": fixture("manifest.json"), "reference": "docker://registry.example/ns/app:v1",
                                             "signatures": [fixture(signature)]}).encode() + b"\n"
    kinds = [(question("sigstore-made/good.sig"), True), (question("sigstore-made/forged.sig"), False)]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as policy:
        json.dump({"default": [{"type": "reject"}], "transports": {"docker": {"registry.example/ns": [requirement]}}}, policy)
        policy.flush()
        command = subprocess.Popen([options.sigpolicy, "verify", "--policy", policy.name, "--batch", "-"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        begun, written, seen = time.monotonic(), [0], []

        def write():
            while written[0] < options.lines and not (options.budget and time.monotonic() > begun + options.budget):
                command.stdin.write(b"".join(kinds[(written[0] + i) % 2][0] for i in range(100)))
                written[0] += 100
            command.stdin.close()

        threading.Thread(target=write, daemon=True).start()
        wrong = answered = 0
        for line in command.stdout:
            wrong += json.loads(line)["allowed"] is not kinds[answered % 2][1]
            answered += 1
            if answered % 500 == 0:
                seen.append(looked_at(command.pid))
        command.wait()
    seen = seen[:-1]  # the last may have been looked at while the process ended
    later = seen[max(1, len(seen) // 20):]
    if not later:
        sys.exit("soak.py: too few lines to say anything")
    descriptors, memory = {one[0] for one in later}, [one[1] for one in later]
    grown = max(memory[len(memory) // 2:]) - memory[0]
    print("| lines | wrong answers | descriptors | memory at first | at most later | seconds |\n|---|---|---|---|---|---|")
    print(f"| {answered:,} | {wrong} | {min(descriptors)}-{max(descriptors)} | {memory[0]:,} KiB | {max(memory):,} KiB | {time.monotonic() - begun:.0f} |")
    return 1 if wrong or answered != written[0] or max(descriptors) - min(descriptors) > 0 or grown > 2048 else 0


if __name__ == "__main__":
    sys.exit(main())
