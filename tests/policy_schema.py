# SPDX-License-Identifier: Apache-2.0
"""The schema of policy.json, for editors, beside the recorded answers of the policy reader and the policies that are shipped.

A schema sees a document as it is parsed, so some faults are none of its business; each is of one of the kinds below, and
nothing else may differ. Prints TAP.
"""
import base64
import collections
import json
import pathlib
import sys

import jsonschema

top = pathlib.Path(__file__).resolve().parent.parent

# What a schema cannot say, by the reader's words.
BEYOND = {
    "what is no JSON": ("invalid character", "unexpected end", "invalid escape", "exceeded max depth"),
    "a member that stands twice": ("Duplicate key",),
    "names of images": ("Invalid format of docker", "contains neither a tag nor digest", "prefix \""),
}

number = 0


def report(good, name, detail=""):
    global number
    number += 1
    print(("ok" if good else "not ok"), number, "-", name)
    for line in str(detail).splitlines():
        print("#", line)


def main():
    schema = json.loads((top / "policy/policy.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    report(True, "the schema is one")
    validator = jsonschema.Draft7Validator(schema)

    for path in sorted((top / "policy").glob("**/*.json")):
        if path.name != "policy.schema.json":
            faults = [it.message for it in validator.iter_errors(json.loads(path.read_text(encoding="utf-8")))]
            report(not faults, f"policy/{path.relative_to(top / 'policy')} fits", "\n".join(faults))

    agreed, beyond, differing = 0, collections.Counter(), []
    for path in sorted((top / "tests/conformance/cases").glob("policy*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            text, want = base64.b64decode(case["request"]["policy"]), case["want"]
            kind = next((kind for kind, words in BEYOND.items() if any(it in want.get("error", "") for it in words)), None)
            try:
                fits = validator.is_valid(json.loads(text.decode("utf-8", "replace")))
            except (ValueError, RecursionError):
                fits = kind == "what is no JSON"  # as far as the schema goes
            if fits == want["ok"]:
                agreed += 1
            elif fits and kind:
                beyond[kind] += 1
            else:
                differing.append(f"{case['id']}: {'fits' if fits else 'does not fit'}, and the reader says {want.get('error', 'it is good')}: {text.decode('utf-8', 'replace')[:300]}")
    report(agreed > 1500 and not differing, f"{agreed} recorded policies: the schema and the reader agree", "\n".join(differing[:40]))
    for kind in BEYOND:
        print(f"# beyond a schema: {kind}: {beyond[kind]} policies that fit, and are refused")
    report(set(beyond) == set(BEYOND), "nothing else is beyond a schema, and each of these is")
    print(f"1..{number}")


sys.exit(main())
