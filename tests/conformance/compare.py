#!/usr/bin/env python3
"""Runs the conformance driver over case files and prints where its answers differ from those recorded.

usage: compare.py [--text] [--max N] DRIVER FILE...     exit status 1 if there is any difference
"""
import argparse
import json
import os
import subprocess
import sys

# The operations in which the stage of a failure is compared.
STAGED = {'match', 'registriesd', 'eval'}

# A case says "stricter" where we reject on purpose what the containers image library accepts: an id of the list in
# SECURITY.md. Such an answer is counted apart; it must have that mark, and no other may have one.


def view(op, answer):
    """What is compared of an answer: everything but the words of its errors."""
    if not answer.get('ok'):
        return {'ok': False, **({'stage': answer.get('stage')} if op in STAGED else {})}
    return {key: True if key.endswith('_error') else value
            for key, value in answer.items() if key not in ('error', 'policy_error', 'id')}


def answers_of(driver, path, cases):
    questions = ''.join(json.dumps({**case['request'], 'id': case['id']}) + '\n' for case in cases)
    run = subprocess.run([os.path.abspath(driver)], input=questions.encode(), stdout=subprocess.PIPE, cwd='/')
    answers = {}
    for line in run.stdout.splitlines():
        try:
            answer = json.loads(line)
            answers[answer.get('id')] = answer
        except ValueError:
            print(f'{path}: not JSON: {line[:120]!r}')
    return answers, run.returncode


def compare(path, arguments):
    with open(path, encoding='utf-8') as file:
        cases = [json.loads(line) for line in file]
    answers, status = answers_of(arguments.driver, path, cases)
    differ = same = texts = stricter = 0
    for case in cases:
        op, want, answer = case['request']['op'], case['want'], answers.get(case['id'])
        wanted, got, marked = view(op, want), None if answer is None else view(op, answer), case.get('stricter')
        if got != wanted or marked:
            if want.get('allowed') and marked and answer and answer.get('stricter') == marked and answer.get('allowed') is False:
                stricter += 1
            else:
                differ += 1
                if differ <= arguments.max:
                    print(f"{case['id']}: want {json.dumps(wanted)[:300]} got {json.dumps(answer)[:400]}")
        text = want.get('error')
        if text and 'gpgme.Signature' not in text:
            texts += 1
            same += answer is not None and answer.get('error') == text
    note = f', same text {100 * same / max(1, texts):.1f}% of {texts}' if arguments.text else ''
    note += f', of them {stricter} stricter on purpose' if stricter else ''
    note += f' (driver exit {status})' if status else ''
    print(f'{os.path.basename(path)}: {len(cases) - differ} of {len(cases)} agree{note}')
    return differ or status or not cases


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--text', action='store_true', help='also report how often a fixed error text is the same')
    parser.add_argument('--max', type=int, default=15, help='differences printed for each file')
    parser.add_argument('driver')
    parser.add_argument('files', nargs='+')
    arguments = parser.parse_args()
    sys.exit(1 if any([compare(path, arguments) for path in arguments.files]) else 0)


main()
