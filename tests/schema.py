# SPDX-License-Identifier: Apache-2.0
"""Holds the JSON that sigpolicy writes against its schemas. TAP.

usage: schema.py            the whole test
       schema.py FILE...    only say which objects in these files do not fit; exit status 1 if any

The installed schemas take unknown fields, as later versions may add some. Here they are closed: a field that no schema
names is a fault.
"""
import copy
import json
import pathlib
import re
import sys

import jsonschema

top = pathlib.Path(__file__).resolve().parent.parent
explain = top / "src/libsigpolicy/explain"
# schema -> (the code that writes it, one file or several, the manual page that describes it)
WRITERS = {
    "sigpolicy-verdict/1": ((explain.parent / "render/verdict_json.c", top / "src/cli/batch.c", top / "src/cli/many.c"), top / "man/sigpolicy-verdict.5"),
    "sigpolicy-audit/1": (explain.parent / "audit/report_json.c", top / "man/sigpolicy-audit.1"),
    "sigpolicy-bundle/1": (explain / "bundle.c", top / "man/sigpolicy-verify-bundle.1"),
    "sigpolicy-chart/1": (explain / "chart.c", top / "man/sigpolicy-chart.1"),
    "sigpolicy-diff/1": (explain.parent / "audit/diff_report.c", top / "man/sigpolicy-diff.1"),
    "sigpolicy-explanation/1": ((explain / "name.c", explain / "locations.c", explain / "reading.c"), top / "man/sigpolicy-explain.1"),
    "sigpolicy-stored/1": (explain / "stored.c", top / "man/sigpolicy-verify.1"),
    "sigpolicy-report/1": (explain.parent / "report/json.c", top / "man/sigpolicy-report.1"),
    "sigpolicy-signatures/1": (explain / "signatures.c", top / "man/sigpolicy-signatures.1"),
}
schemas = {}
for path in sorted((top / "src/schema").glob("*.json")):
    schema = json.loads(path.read_text())
    if "schema" not in schema["properties"]:
        request = schema
        continue
    schemas[schema["properties"]["schema"]["const"]] = schema


def closed(schema):
    """The same schema, unknown fields refused. if/then/else restrict and describe nothing: they stay open."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: value if key in ("if", "then", "else") else closed(value) for key, value in schema.items()}
    if "properties" in schema and "type" in schema:
        result["additionalProperties"] = False
    return result


open_validators = {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas.items()}
closed_validators = {name: jsonschema.Draft202012Validator(closed(schema)) for name, schema in schemas.items()}


def documents(text):
    """Every JSON document of a text, one behind the other; of an array, those in it."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        yield from document if isinstance(document, list) else [document]
        while at < len(text) and text[at].isspace():
            at += 1


def statuses():
    """The exit statuses that sigpolicy-verdict(5) gives each reason; none where it gives no number."""
    page = (top / "man/sigpolicy-verdict.5").read_text()
    page = page[page.index("\n.Sh REASONS"):page.index("\n.Sh STRICTER")]
    found = {}
    for item in page.split("\n.It ")[1:]:
        said = re.search(r"Exit status ([^.]*)\.", item)
        for reason in item.splitlines()[0].split(" , "):
            found[reason] = {int(digit) for digit in re.findall(r"\b\d\b", said.group(1))} if said else set()
    return found


documented = statuses()


def faults(document, validators=closed_validators):
    name = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(name, str) or name not in validators:
        return [f"no schema is called {name!r}"]
    found = [f"{error.json_path}: {error.message}" for error in validators[name].iter_errors(document)]
    if name == "sigpolicy-verdict/1" and not found and documented.get(document["reason"]) and \
            document["exit_status"] not in documented[document["reason"]]:
        found.append(f"sigpolicy-verdict(5) does not give {document['reason']} the exit status {document['exit_status']}")
    return found


number = 0


def report(name, findings):
    global number
    number += 1
    findings = list(findings)
    print(f"{'not ' if findings else ''}ok {number} - {name}")
    for finding in findings[:20]:
        print("#", str(finding)[:300])


def compare(name, ours, theirs, us, them):
    report(name, [f"only {us}: {word}" for word in sorted(ours - theirs)] +
           [f"only {them}: {word}" for word in sorted(theirs - ours)] + ([] if ours else [f"nothing {us}"]))


def walk(value, path=()):
    yield path, value
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from walk(child, path + (key,))


def changed(document, path, change):
    """A copy in which change() was done to what stands at path's end."""
    result = copy.deepcopy(document)
    place = result
    for key in path[:-1]:
        place = place[key]
    change(place, path[-1])
    return result


def drop(place, key):
    del place[key]


def other_type(place, key):
    place[key] = {"no": ["such", "value"]}


def properties(schema):
    """Every field name that a schema describes."""
    return {name for path, value in walk(schema) if path and path[-1] == "properties" and isinstance(value, dict)
            and not {"if", "then", "else", "not"} & set(path) for name in value}


def twins(name, samples):
    """What is one field away from a good document must not pass."""
    passing = []
    optional = {"place", "stricter", "detail", "claimed", "subject", "issuer", "logged", "user_id", "key_file", "expires", "signed", "problem", "lookaside", "attachments", "endpoints", "untrusted_creator",
                "untrusted_time", "platform", "store", "artifact_type", "bundles", "referrers",
                "untrusted_predicate_type", "untrusted_signer", "untrusted_issuer", "untrusted_log"}
    for document in samples:
        for path, value in walk(document):
            if isinstance(value, dict):
                extended = copy.deepcopy(document)
                place = extended
                for key in path:
                    place = place[key]
                place["invented"] = 1
                if not faults(extended):
                    passing.append(f"{path} with an invented field")
                if faults(extended, open_validators):
                    passing.append(f"{path}: the installed schema refuses a field of a later version")
            if not path:
                continue
            if isinstance(path[-1], str) and path[-1] not in optional and not faults(changed(document, path, drop)):
                passing.append(f"without {path}")
            if not faults(changed(document, path, other_type)):
                passing.append(f"{path} of another type")
            if path[-1] == "reason":
                for word in "no-such-reason", "", "Accepted":
                    if not faults(changed(document, path, lambda place, key: place.__setitem__(key, word))):
                        passing.append(f"{path} is {word!r}")
    report(f"{name}: what is one field away from it fails", passing if samples else ["no sample"])


def contradictions(samples):
    """An answer that says two things at once."""
    good = next((it for it in samples if it["allowed"] and it["pinned"]), None)
    bad = next((it for it in samples if not it["allowed"]), None)
    if not good or not bad:
        return ["no accepted and no rejected sample"]
    cases = {
        "accepted with another reason": dict(good, reason="no-signature"),
        "accepted with an exit status": dict(good, exit_status=1),
        "accepted and called not allowed": dict(good, allowed=False),
        "rejected with the reason accepted": dict(bad, reason="accepted"),
        "rejected with exit status 0": dict(bad, exit_status=0),
        "the exit status of another reason": dict(bad, reason="identity-mismatch", exit_status=5),
        "rejected and called allowed": dict(bad, allowed=True),
        "rejected and pinned": dict(bad, pinned=good["pinned"]),
        "a pin that is a tag": dict(good, pinned="registry.example/ns/app:v1"),
        "a short digest": dict(good, digest="sha256:00"),
        "a local time": dict(good, time="2026-06-01T00:00:00+02:00"),
    }
    return [name for name, case in cases.items() if not faults(case)]


def requests(golden):
    """The lines of a golden batch fit the schema of requests exactly where they were taken for requests."""
    lines = (top / "tests/golden/batch/requests").read_text().splitlines()
    validator, seen = jsonschema.Draft202012Validator(request), set()
    for answer in golden["batch"]:
        line = lines[answer["line"] - 1]
        if line.startswith("{"):
            fits, taken = validator.is_valid(json.loads(line)), answer["reason"] != "usage"
            seen.add(fits)
            if fits != taken:
                yield f"{line}: {'fits' if fits else 'does not fit'}, and was {'taken' if taken else 'refused'}"
    if seen != {True, False}:
        yield "not both kinds were seen"


def words(path, pattern):
    return set(re.findall(pattern, path.read_text(), re.MULTILINE))


def items(text):
    """The words that have an item in a manual page, several on a line."""
    return {word for line in re.findall(r"^\.It (?:Va )?(.*)$", text, re.MULTILINE) for word in line.split(" , ")}


def check_schemas():
    written = {word for room in (explain, explain.parent / "audit", explain.parent / "render", explain.parent / "report") for path in room.glob("*.c") for word in words(path, r'"(sigpolicy-[a-z]+/[0-9]+)"')}
    compare("the schemas are those that the code writes", set(schemas), written, "schema", "code")
    for name, schema in [*schemas.items(), ("request", request)]:
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
            report(f"{name}: the schema is valid", [])
        except jsonschema.SchemaError as error:
            report(f"{name}: the schema is valid", [error.message])


def check_golden():
    golden = {}
    for path in sorted((top / "tests/golden").glob("*/expected.out")):
        text = path.read_text()
        # What trust show writes is in podman's form, which names no schema.
        if text.startswith(("{", "[")) and not path.parent.name.startswith("trust-"):
            golden[path.parent.name] = list(documents(text))
    # A report is of one machine: what one said once is kept.
    golden["report"] = list(documents((top / "tests/cli/report.json").read_text()))
    for folder, found in golden.items():
        report(f"golden/{folder} fits", [fault for document in found for fault in faults(document)])
    for name, schema in schemas.items():
        samples = [it for found in golden.values() for it in found if it.get("schema") == name]
        found = {key for it in samples for _, value in walk(it) if isinstance(value, dict) for key in value}
        # What confines the process is this machine's, and is taken out of golden answers.
        report(f"{name}: each field is in some golden answer", sorted(properties(schema) - found - {"sandbox"}))
        twins(name, samples)
        if name == "sigpolicy-verdict/1":
            report("a verdict does not contradict itself", contradictions(samples))
    report("a request fits its schema where it is taken", requests(golden))


def check_fields():
    for name, (code, page) in WRITERS.items():
        files = code if isinstance(code, tuple) else (code,)
        written = {word for file in files for word in words(file, r'(?:sp_json_write_\w+|put_optional|put_time) \(\s*(?:out|json), "(\w+)"')}
        # The command puts the number of a line in front of what the library writes.
        written |= {word for file in files if file.parent.name == "cli" for word in words(file, r'\\"(id|line)\\":%')}
        compare(f"{name}: fields that {' and '.join(file.name for file in files)} writes", written, properties(schemas[name]), "code", "schema")
        report(f"{name}: {page.name} describes each", sorted(written - items(page.read_text())))
    members = words(top / "src/libsigpolicy/ask/request.c", r'^    \{ "(\w+)", read_')
    compare("request: members", members, set(request["properties"]), "code", "schema")
    batches = (top / "man/sigpolicy-verify.1").read_text().split("\n.Sh BATCHES")[1].split("\n.Sh ")[0]
    compare("request: sigpolicy-verify.1 describes each", members, items(batches), "code", "page")


def check_answer_without_memory():
    """What a batch writes of a line when memory is out, without the library."""
    code = (top / "src/cli/many.c").read_text()
    call = re.search(r'("\{\\"id\\":null.*?),\s*slot->question.number', code, re.DOTALL)
    if not call:
        report("many.c: an answer without memory fits", ["it is not found"])
        return
    text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', call.group(1))).replace('\\"', '"').replace("\\n", "")
    for conversion, value in ("%zu", "1"), ("%d", "7"), ("%s", "2026-06-01T00:00:00Z"):
        text = text.replace(conversion, value)
    size = int(re.search(r"#define SPARE_SIZE +(\d+)", code).group(1))
    # With a longer version, number of a line and year.
    room = [] if len(text) + 64 < size else [f"{len(text)} bytes and more have no room in {size}"]
    report("many.c: an answer without memory fits", faults(json.loads(text)) + room)


def check_words():
    verdict, library = schemas["sigpolicy-verdict/1"]["$defs"], top / "src/libsigpolicy"
    reasons = set(verdict["reason"]["enum"])
    slugs = words(library / "util/error.c", r'^ *\[SIGPOLICY_REASON_[A-Z_]+\] = "([a-z-]+)"')
    compare("reasons", slugs, reasons, "code", "schema")
    report("sigpolicy-verdict(5) gives each reason its exit status",
           sorted(reason for reason in reasons - {"limit"} if not documented.get(reason)))
    enumerations = {
        "requirementType": words(library / "model/policy_requirement.c", r'^ *\[SP_REQUIREMENT_[A-Z_]+\] = "(\w+)"'),
        "format": words(library / "model/signature_blob.c", r'^ *\[SP_SIGNATURE_[A-Z_]+\] = "([a-z-]+)"'),
    }
    for name, schema in schemas.items():
        for definition, found in enumerations.items():
            if definition in schema.get("$defs", {}):
                compare(f"{name}: {definition}", found, set(schema["$defs"][definition]["enum"]), "code", "schema")
    ids = {word for path in library.rglob("*.c") for word in words(path, r'sp_error_stricter \(\w+, "(S\d+)"')}
    ids |= words(library / "util/error.c", r'REASON_LIMIT \? "(S\d+)"')
    compare("stricter checks", ids, set(verdict["stricter"]["enum"]), "code", "schema")
    results = {word for path in (library / "sources").glob("*.c") for line in words(path, r"(?:(?:->|\.)result = |sp_evidence_note \()([^;]*);")
               for word in re.findall(r'"([a-z ]+)"', line)}
    compare("what looking led to", results, set(verdict["place_looked_at"]["properties"]["result"]["enum"]), "code", "schema")


if len(sys.argv) > 1:
    found = [f"{path}: {fault}" for path in sys.argv[1:]
             for document in documents(pathlib.Path(path).read_text()) for fault in faults(document)]
    print("\n".join(found))
    sys.exit(1 if found else 0)
check_schemas()
check_golden()
check_fields()
check_answer_without_memory()
check_words()
print(f"1..{number}")
