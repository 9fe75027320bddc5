# SPDX-License-Identifier: Apache-2.0
"""Audits one host that has much wrong with it, in every format, and with answers for its findings. TAP.

usage: formats.py SIGPOLICY TOP WORK
"""
import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree

sigpolicy, top, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
number = 0


def report(good, name, *why):
    global number
    number += 1
    print(f"{'' if good else 'not '}ok {number} - {name}")
    if not good:
        for line in "\n".join(map(str, why)).splitlines()[:20]:
            print("#", line)


root = work / "root"
(root / "etc/containers/registries.d").mkdir(parents=True)
policy = root / "etc/containers/policy.json"
# A comment, an unknown key, a word misspelt, a key twice, a comma too many; and what is wrong besides. A scope is somebody's
# text: it has what XML, commands and terminals would take for their own.
policy.write_text('''{
  "default": [{"type": "insecureAcceptAnything"}], // for now
  "transports": {
    "docker": {
      "busybox": [{"type": "reject"}],
      "registry.example/ns": [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/etc/none.gpg"}],
      "registry.example/ns/app": [{"type": "insecureAcceptAnything"}],
      "<a&b>%0A::error::\\u001b[31m\\"": [{"type": "reject"}],
      "quay.io/one": [{"type": "signdBy"}],
      "quay.io/two": [{"type": "reject", "why": "so"}],
      "quay.io/two": [{"type": "reject"}],
    },
    "dir": {"relative": [{"type": "reject"}]}
  },
  "note": 1
}
''')
(root / "etc/containers/registries.d/odd.yml").write_text("")


def audit(*more, at=root):
    return subprocess.run([sigpolicy, "audit", "--root", str(at), "--clock", "2026-06-01T00:00:00Z", "--disable", "policy-writable", *more],
                          capture_output=True, text=True)


result = audit("--format", "json")
answer = json.loads(result.stdout)
findings = answer["findings"]
at = {(finding["rule"], finding["line"]) for finding in findings}
expected = {("policy-syntax", 2), ("policy-syntax", 12), ("policy-invalid", 9), ("policy-unknown-key", 10), ("policy-duplicate-key", 11),
            ("scope-path-form", 13), ("policy-unknown-key", 15), ("policy-default-accept", 2), ("scope-short-name", 5),
            ("key-missing", 6), ("scope-weaker-than-parent", 7), ("scope-dead", 8), ("regd-wrong-extension", None)}
report(expected <= at, "a broken file has all its findings, in their places", sorted(expected - at, key=str), "of", sorted(at, key=str))
report({rule for rule, _ in at if rule.startswith("policy-")} == {rule for rule, _ in expected if rule.startswith("policy-")},
       "and none that its faults make up", sorted(at, key=str))
report(result.returncode == 1, "critical findings: exit status 1", result.returncode)
order = ["critical", "high", "medium", "low", "info"]
ranks = [order.index(finding["severity"]) for finding in findings]
report(ranks == sorted(ranks), "the most severe come first")
report(answer["counts"] == {level: sum(finding["severity"] == level for finding in findings) for level in order}, "they are counted")

# --- text ---
text = audit().stdout
long = [line for line in text.splitlines() if len(line) > 80 and " " in line.strip() and not line.startswith(("       transports", "  run  "))]
report(not long, "text fits in 80 columns", *long)
report(all(finding["rule"] in text for finding in findings), "text has every rule")
report("\x1b" not in text and "\\x1b[31m" in text, "what is somebody's text is escaped")

# --- SARIF ---
sarif = json.loads(audit("--format", "sarif").stdout)
run = sarif["runs"][0]
rules = run["tool"]["driver"]["rules"]
wrong = []
for result_ in run["results"]:
    location = result_["locations"][0]
    region = location.get("physicalLocation", {}).get("region", {"startLine": 1, "startColumn": 1})
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    if not (rules[result_["ruleIndex"]]["id"] == result_["ruleId"] and result_["level"] in ("error", "warning", "note") and
            result_["message"]["text"] and region["startLine"] >= 1 and region["startColumn"] >= 1 and
            urllib.parse.urlparse(uri).scheme == "file" and re.fullmatch(r"[A-Za-z0-9/:._~%-]+", uri) and
            re.fullmatch("[0-9a-f]{64}", result_["partialFingerprints"]["sigpolicy/v1"])):
        wrong.append(result_)
report(sarif["version"] == "2.1.0" and run["tool"]["driver"]["name"] == "sigpolicy" and not wrong and len(run["results"]) == len(findings),
       "SARIF has what 2.1.0 requires", *wrong)
report(all({"id", "shortDescription", "fullDescription", "help", "defaultConfiguration"} <= set(rule) for rule in rules) and
       len({rule["id"] for rule in rules}) == len(rules), "SARIF describes every rule once")

# --- JUnit ---
junit = xml.etree.ElementTree.fromstring(audit("--format", "junit").stdout)
suite = junit.find("testsuite")
cases, failures = suite.findall("testcase"), suite.findall("testcase/failure")
report(len(failures) == len(findings) == int(suite.get("failures")) == int(junit.get("failures")) and len(cases) == int(suite.get("tests")),
       "JUnit counts what it has", suite.attrib)
report(sorted(failure.get("message") for failure in failures) == sorted(finding["message"] for finding in findings), "JUnit has each message")

# --- GitHub ---
lines = audit("--format", "github").stdout.splitlines()
pattern = r"::(error|warning|notice) (file=[^:,\r\n]*,)?(line=\d+,col=\d+,)?title=[a-z-]+::[^\r\n]+|::debug::.*"
report(len(lines) == len(findings) + 1 and all(re.fullmatch(pattern, line) for line in lines) and
       not any(re.search("%0A|%(?![0-9A-F]{2})", line.split("::", 2)[2]) and "%250A" not in line for line in lines),
       "GitHub has a command for each", *lines)

# --- Prometheus ---
prom = audit("--format", "prom").stdout
metrics = {}
for line in prom.splitlines():
    sample = re.fullmatch(r'([a-z_]+)(\{[a-z]+="([a-z-]+)"\})? (\d+)', line)
    if sample:
        metrics[sample[1], sample[3]] = int(sample[4])
    elif not re.fullmatch(r"# (HELP|TYPE) sigpolicy_audit_[a-z_]+ .+", line):
        metrics["unreadable", line] = 1
by_rule = collections.Counter(finding["rule"] for finding in findings)
report(all(metrics.get(("sigpolicy_audit_findings", level)) == n for level, n in answer["counts"].items()) and
       {rule: n for (name, rule), n in metrics.items() if name == "sigpolicy_audit_rule_findings"} == by_rule and
       not any(name == "unreadable" for name, _ in metrics), "Prometheus gets the counts", metrics)
if shutil.which("promtool"):
    checked = subprocess.run(["promtool", "check", "metrics"], input=prom, capture_output=True, text=True)
    report(checked.returncode == 0, "promtool finds no fault", checked.stdout, checked.stderr)
else:
    report(True, "promtool finds no fault # SKIP no promtool")

# --- severities ---
report({finding["severity"] for finding in json.loads(audit("--format", "json", "--severity", "high").stdout)["findings"]} ==
       {"critical", "high"}, "--severity leaves out what is below")
(mild := work / "mild/etc/containers").mkdir(parents=True)
(mild / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
for argv, status in (([], 1), (["--severity", "critical"], 1), (["--severity", "critical", "--fail-on", "high"], 1), (["--severity", "critical", "--fail-on", "critical"], 0)):
    result = audit("--format", "json", *argv, at=work / "mild")
    answer_ = json.loads(result.stdout)
    report(result.returncode == status and (not argv or (answer_["findings"] == [] and answer_["hidden"] > 0)),
           f"what is not shown counts all the same: {' '.join(argv)}", result.stdout, result.returncode)
report("not shown" in audit("--severity", "critical", at=work / "mild").stdout, "the sum says that findings are not shown")
quiet = root.parent / "quiet"
(quiet / "etc/containers").mkdir(parents=True)
(quiet / "etc/containers/policy.json").write_text('{"default": [{"type": "reject"}]}')
for level, status in ("high", 0), ("low", 1), ("critical", 0):
    done = audit("--fail-on", level, at=quiet)
    report(done.returncode == status, f"--fail-on {level}, and the worst is low: exit status {status}", done.stdout)
done = audit("--quiet", "--fail-on", "low", at=quiet)
report(done.returncode == 1 and not done.stdout, "--quiet: the exit status alone")
for argv, status, what in ((["--severity", "bad"], 2, "no severity"), (["--disable", "no-such-rule"], 2, "no rule"), (["--format", "xml"], 2, "no format"),
                           (["--suppressions", "/nowhere"], 3, "suppressions that are not there"), (["/nowhere"], 5, "a script that is not there")):
    done = audit(*argv, at=quiet)
    report(done.returncode == status and not done.stdout and done.stderr, f"{what}: exit status {status}", done.returncode, done.stderr)
done = subprocess.run([sigpolicy, "audit", "--root", str(root / "none")], capture_output=True, text=True)
report(done.returncode == 6, "a root that is not there: exit status 6", done.stderr)

# --- answers ---
answers = work / "answers"
worst = [finding for finding in findings if finding["severity"] in ("critical", "high")]
answers.write_text("# all of it\n\n" + "".join(f"{rule} until=2027-01-31 known\n" for rule in sorted({finding["rule"] for finding in worst})))
done = audit("--suppressions", str(answers), "--format", "json")
left = json.loads(done.stdout)
report(done.returncode == 0 and left["suppressed"] >= len(worst) and not left["counts"]["critical"] + left["counts"]["high"],
       "what is answered for counts no more", left["counts"])
answers.write_text("scope-short-name scope=other known\nscope-short-name scope=busybox known\n")
left = json.loads(audit("--suppressions", str(answers), "--format", "json").stdout)
report("scope-short-name" not in {it["rule"] for it in left["findings"]} and "suppression-unused" in {it["rule"] for it in left["findings"]},
       "a suppression is for its scope")
for line in "scope-short-name", "no-such-rule why", "scope-short-name until=soon why", "scope-short-name until=2026-02-31x why":
    answers.write_text(line + "\n")
    done = audit("--suppressions", str(answers))
    report(done.returncode == 3 and f"{answers}:1" in done.stderr, f"refused: {line}", done.stderr)
baseline = work / "baseline"
done = audit("--write-baseline", str(baseline))
report(done.returncode == 0 and not done.stdout, "a baseline is written")
policy.write_text("\n\n" + policy.read_text())
done = audit("--baseline", str(baseline), "--format", "json")
left = json.loads(done.stdout)
report(done.returncode == 0 and not left["findings"] and left["in_baseline"] == len(findings), "what was there before is not reported, wherever it moved",
       *left["findings"])
policy.write_text(policy.read_text().replace('"busybox"', '"busybox2"'))
left = json.loads(audit("--baseline", str(baseline), "--format", "json").stdout)
report([it["rule"] for it in left["findings"]] == ["scope-short-name"], "what is new is", *left["findings"])
baseline.write_text("what\n")
report(audit("--baseline", str(baseline)).returncode == 3, "a baseline that is none is refused")

# --- another root ---
link = quiet / "etc/containers/policy.json"
link.unlink()
(quiet / "real.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
link.symlink_to("/real.json")
report("policy-default-accept" in audit(at=quiet).stdout, "a link stays within the root")
link.unlink()
link.symlink_to("../../../../../../../../../../../../real.json")
report("policy-default-accept" in audit(at=quiet).stdout, "and cannot climb out of it")
link.unlink()
link.symlink_to("policy.json")
report("policy-not-found" in audit(at=quiet).stdout, "a link to itself is no policy")
print(f"1..{number}")
shutil.rmtree(work)
