# SPDX-License-Identifier: Apache-2.0
"""Reads what continuous integration reads. Exit status 0, or a complaint. See ci.t.

usage: ci.py verify|diff|audit|stays|rendered|metrics FILE..., or ci.py hostile
"""
import html.parser
import json
import pathlib
import re
import sys
import xml.etree.ElementTree

RIGHT_TO_LEFT = "\u202e"
NAMES = ["</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "`` ` ` code", "|pipe| https://evil.example @someone #1",
         "%0A::error::gone", "]]>--><!--", f"left{RIGHT_TO_LEFT}thgir", "[link](javascript:x) **bold** <b>"]


def read(path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def must(good, *why):
    if not good:
        sys.exit(" ".join(map(str, why)))


def junit(path):
    """(names that passed, (kind, type) of each other)."""
    root = xml.etree.ElementTree.fromstring(read(path))
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    bad = [child for case in cases for child in case]
    must(int(suite.get("tests")) == len(cases) == int(root.get("tests")), path, "tests are not counted")
    must(int(suite.get("failures")) == sum(child.tag == "failure" for child in bad), path, "failures are not counted")
    must(int(suite.get("errors")) == sum(child.tag == "error" for child in bad), path, "errors are not counted")
    return [case.get("name") for case in cases if not len(case)], [(child.tag, child.get("type")) for child in bad]


def sarif(path, verb):
    """Its results, within the limits of GitHub."""
    log = json.loads(read(path))
    must(log["version"] == "2.1.0" and len(log["runs"]) == 1, path, "one run of 2.1.0")
    run = log["runs"][0]
    must(run["automationDetails"]["id"] == f"sigpolicy/{verb}/", path, "the id of its runs")
    rules = run["tool"]["driver"]["rules"]
    must(len(rules) <= 25000 and len(run["results"]) <= 25000, path, "too many")
    for result in run["results"]:
        must(rules[result["ruleIndex"]]["id"] == result["ruleId"], path, "the rule of a result")
        must(result["level"] in ("error", "warning", "note") and result["message"]["text"], path, result)
        must(len(result["locations"]) == 1 and re.fullmatch("[0-9a-f]{64}", result["partialFingerprints"]["sigpolicy/v1"]), path, result)
    return run["results"]


def github(path):
    """The commands, (kind, title) each, but for the last, which is for the log."""
    lines = read(path).rstrip("\n").split("\n")
    commands = [re.fullmatch(r"::(error|warning|notice|debug)(?: ([^:\n]*))?::(.*)", line) for line in lines]
    must(all(commands), path, "each line is a command", lines)
    must(commands[-1][1] == "debug" and all(it[1] != "debug" for it in commands[:-1]), path, "the last is for the log")
    return [(it[1], dict(pair.split("=", 1) for pair in it[2].split(","))["title"]) for it in commands[:-1]]


def prom(path):
    """The metrics, {name with labels: value}."""
    metrics, typed = {}, set()
    label = r'[a-z_]+="(?:[^"\\\n]|\\["\\n])*"'
    for line in read(path).rstrip("\n").split("\n"):
        if line.startswith("# TYPE "):
            must(line.split()[3] == "gauge" and line.split()[2] not in typed, path, line)
            typed.add(line.split()[2])
            continue
        if line.startswith("# HELP "):
            continue
        found = re.fullmatch(rf"([a-z_]+)((?:\{{{label}(?:,{label})*\}})?) (-?[0-9]+)", line)
        must(found and found[1] in typed and found[1] + found[2] not in metrics, path, "no metric:", line[:200])
        metrics[found[1] + found[2]] = int(found[3])
    return metrics


def without_spans(text):
    """What is left of Markdown when its code spans are taken out (CommonMark, 6.1)."""
    out, at = [], 0
    for run in re.finditer("`+", text):
        if run.start() < at:
            continue
        end = re.compile(rf"(?<!`){run[0]}(?!`)").search(text, run.end())
        if end:
            out.append(text[at:run.start()])
            at = end.end()
    return "".join(out) + text[at:]


def verify(files):
    passed, bad = junit(files[0])
    must(passed == ["docker://registry.example/ns/app:v1"], passed)
    must(bad == [("failure", "bad-signature"), ("failure", "no-signature"), ("error", "not-found")], bad)
    results = sarif(files[1], "verify")
    must([it["ruleId"] for it in results] == ["bad-signature", "no-signature", "not-found"], results)
    must(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "policy.json", results[0])
    must(github(files[2]) == [("error", "bad-signature"), ("error", "no-signature"), ("error", "not-found")], files[2])
    text = read(files[3])
    must(text.startswith("### sigpolicy verify: 1 of 4 images accepted, 2 rejected, 1 undecided\n"), text)
    must(text.count("- **rejected** ") == 2 and text.count("- **undecided** ") == 1 and text.count("- **accepted** ") == 1, text)
    metrics = prom(files[4])
    must(metrics['sigpolicy_verify_images{answer="accepted"}'] == 1 and metrics['sigpolicy_verify_images{answer="rejected"}'] == 2, metrics)
    must(metrics['sigpolicy_verify_images_not_accepted{reason="bad-signature"}'] == 1, metrics)
    must(metrics["sigpolicy_verify_timestamp_seconds"] == 1780272000, metrics)
    must(sum(name.startswith("sigpolicy_verify_image_accepted") for name in metrics) == 4, metrics)


def diff(files):
    passed, bad = junit(files[0])
    must(passed == ["default", 'docker "c.example"'], passed)
    must(bad == [("failure", "policy-looser"), ("failure", "policy-stricter")], bad)
    results = sarif(files[1], "diff")
    must([(it["ruleId"], it["level"]) for it in results] == [("policy-looser", "error"), ("policy-stricter", "note")], results)
    must(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 2, results[0])
    must(github(files[2]) == [("error", "policy-looser"), ("notice", "policy-stricter")], files[2])
    text = read(files[3])
    must(text.startswith("### sigpolicy diff: 1 looser, 0 different, 1 stricter, 2 same\n"), text)
    must("- **looser** `docker \"a.example/x\"`" in text and "example: `docker://a.example/x/image:latest`" in text, text)


def gitlab(path):
    violations = json.loads(read(path))
    for it in violations:
        must(set(it) == {"description", "check_name", "fingerprint", "severity", "location"}, it)
        must(it["severity"] in ("info", "minor", "major", "critical", "blocker") and it["location"]["lines"]["begin"] >= 1, it)
    must(len({it["fingerprint"] for it in violations}) == len(violations), "fingerprints are each one's own")
    return violations


def audit(files):
    violations = gitlab(files[0])
    hole = [it for it in violations if it["check_name"] == "transport-local-blocked"]
    must(violations and all(it["location"]["path"] == "new.json" for it in violations if it["check_name"] in ("scope-weaker-than-parent", "transport-local-blocked")), violations)
    must(hole and hole[0]["severity"] == "minor", violations)
    must(len(sarif(files[1], "audit")) == len(violations), "as many in SARIF")


def hostile(_):
    """Names of images, a batch of them, and two policies with such scopes."""
    paths = [name.replace("/", "\u2215") for name in NAMES]
    pathlib.Path("hostile.names").write_text("".join(f"{it}\n" for it in paths), encoding="utf-8")
    lines = [{"id": name, "image": f"dir:{it}"} for name, it in zip(NAMES, paths)]
    lines += [{"id": "long", "image": "dir:" + "</x>|`" * 2000}, {"id": "broken", "image": "x" * 1000000}]
    pathlib.Path("hostile.jsonl").write_text("".join(json.dumps(it) + "\n" for it in lines), encoding="utf-8")
    scopes = NAMES + ["registry.example/" + name for name in NAMES] + ["</script>`|" * 90000, "a" * 1000000]
    for path, kind in ("hostile-old.json", "reject"), ("hostile-new.json", "insecureAcceptAnything"):
        # Scopes that no image has are not told of by diff; under this transport any name may stand.
        policy = {"default": [{"type": kind}], "transports": {"docker-daemon": {it: [{"type": kind}] for it in scopes},
                                                              "docker": {it: [{"type": kind}] for it in scopes}}}
        pathlib.Path(path).write_text(json.dumps(policy), encoding="utf-8")


def stays(files):
    for path in files:
        text = read(path)
        must(len(text) < 4000000, path, "names are not cut", len(text))
        must(not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", text), path, "has a control or a mark of direction")
        kind = path.rsplit(".", 1)[1]
        if kind == "junit":
            junit(path)
        elif kind == "sarif":
            sarif(path, path.split(".")[1])
        elif kind == "gitlab":
            gitlab(path)
        elif kind == "github":
            must(all(title in ("not-found", "usage", "no-signature") or re.fullmatch("[a-z-]+", title) for _, title in github(path)), path)
        elif kind == "prom":
            prom(path)
        elif kind == "markdown":
            rest = without_spans(text)
            must(len(text) < 200000, path, len(text))
            for word in "script", "evil", "@someone", "javascript", "alert", "<b>", "pipe", "::error", "<!--":
                must(word not in rest, path, "has", word, "outside of a code span")


def rendered(files):
    """What a renderer made of it has no element of a name's."""
    allowed = {"h3", "ul", "li", "p", "strong", "code", "br", "details", "summary"}

    class Parser(html.parser.HTMLParser):
        def handle_starttag(self, tag, attributes):
            must(tag in allowed and not attributes, files[0], "has an element", tag, attributes)

        def handle_comment(self, data):
            must(False, files[0], "has a comment", data[:100])

    for path in files:
        Parser().feed(read(path))


def metrics(files):
    for path in files:
        must(len(prom(path)) > 5, path, "has metrics")


{"metrics": metrics, "verify": verify, "diff": diff, "audit": audit, "hostile": hostile, "stays": stays, "rendered": rendered}[sys.argv[1]](sys.argv[2:])
