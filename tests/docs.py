# SPDX-License-Identifier: Apache-2.0
"""Runs the examples of the documents in the current directory. Prints PASS or FAIL, a name, and what went wrong.

usage: docs.py FILE...

Examples are the literal displays of a manual page's section EXAMPLES, and the indented blocks of a README that have a line
with a prompt. In a transcript, a line that begins with "$ " is a command, and what follows is what it says; "..." stands
for any text of a line. The commands of one display run in one shell. A display behind the comment "script" is a script
that must succeed.
"""
import pathlib
import re
import subprocess
import sys

END = "\1"


def displays(path):
    """(first line, text, marker) of each example."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        for block in re.finditer(r"^(?:    .*\n|\n(?=    ))+", text, re.MULTILINE):
            lines = re.sub(r"^    ", "", block.group(), flags=re.MULTILINE).strip("\n")
            if re.search(r"^\$ ", lines, re.MULTILINE):
                yield text.count("\n", 0, block.start()) + 1, lines, ""
        return
    start = text.find("\n.Sh EXAMPLES\n")
    for block in re.finditer(r'(?:^\.\\" (.*)\n)?^\.Bd -literal.*\n((?:.*\n)*?)\.Ed$', text, re.MULTILINE):
        if 0 <= start < block.start():
            # The escapes of mdoc that literal text needs.
            lines = re.sub(r"^\\&", "", block.group(2).strip("\n"), flags=re.MULTILINE).replace("\\e", "\\")
            yield text.count("\n", 0, block.start()) + 1, lines, block.group(1) or ""


def commands(text):
    """(command, what it says) of a transcript."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.split("\n")
        last = 0
        while lines[last].endswith(("\\", "|")):
            last += 1
        yield "\n".join(lines[:last + 1]), "\n".join(lines[last + 1:]).strip("\n")


def run(script):
    result = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            stdin=subprocess.DEVNULL, timeout=120)
    return result.returncode, result.stdout.decode("utf-8", "replace")


def fits(said, expected):
    # What confines the process is the kernel's and the build's affair.
    said, expected = (re.sub(r'"sandbox": \[[^]]*\]', '"sandbox": []', text) for text in (said, expected))
    pattern = "[^\n]*".join(re.escape(part) for part in expected.split("..."))
    return re.fullmatch(pattern, said.strip("\n")) is not None


def faults(text, marker):
    if marker == "script":
        status, said = run(text)
        return [] if status == 0 else [f"exit status {status}: {said}"]
    pairs = list(commands(text))
    if not pairs:
        return ["neither a transcript nor a script"]
    # $? stays what the command left, for a command that prints it.
    mark = f"last=$?; printf '%b' '\\{ord(END):03o}'; (exit $last)\n"
    _, said = run("".join(f"{command}\n{mark}" for command, _ in pairs))
    answers = re.sub(r" +$", "", said, flags=re.MULTILINE).split(END)  # a table's last column may be empty
    if len(answers) != len(pairs) + 1:
        return [f"ended early: {said}"]
    return [f"$ {command}\nsays:\n{answer}\nand not:\n{expected}"
            for (command, expected), answer in zip(pairs, answers) if not fits(answer, expected)]


def main():
    for path in map(pathlib.Path, sys.argv[1:]):
        for line, text, marker in displays(path):
            if marker in ("program", "who-signed.c"):
                continue
            found = faults(text, marker)
            print(f"{'FAIL' if found else 'PASS'} the example in {path.name}, line {line}",
                  " ".join(found).replace("\n", "\\n"), sep="\t")


main()
