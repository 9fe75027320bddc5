#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes bundles that are accepted, in every way that we know of, and asks whether they still are.
usage: mutants.py CHECKER FIXTURES            ask tests/bundles/check, which answers many in one process
       mutants.py --write DIR BUNDLE...       write the mutants of these files, for other programs to judge
       mutants.py --ask-cosign FIXTURES       ask the cosign in $PATH about them, and write its answers to standard output
       mutants.py --recorded FILE CHECKER FIXTURES   hold ours against these answers: what cosign rejects is never accepted
A mutant whose name begins with '=' says the same as before and must be accepted; every other must be rejected."""
import base64, concurrent.futures, copy, hashlib, json, os, re, subprocess, sys, tempfile

IDENTITY, ISSUER = 'https://build.example/ns/app/.ci/release.yml@refs/heads/main', 'https://issuer.example'


def places(value, path=()):
    """Every member and element, by its path."""
    if isinstance(value, dict): items = value.items()
    elif isinstance(value, list): items = enumerate(value)
    else: return
    for key, child in items:
        yield path + (key,)
        yield from places(child, path + (key,))


def at(value, path):
    for key in path: value = value[key]
    return value


def changed(value, path, new):
    value = copy.deepcopy(value)
    at(value, path[:-1])[path[-1]] = new
    return value


def without(value, path):
    value = copy.deepcopy(value)
    del at(value, path[:-1])[path[-1]]
    return value


BYTES = {'rawBytes', 'keyId', 'signedEntryTimestamp', 'rootHash', 'canonicalizedBody', 'signedTimestamp', 'digest', 'signature', 'payload', 'sig'}
NUMBERS = {'logIndex', 'integratedTime', 'treeSize'}
# What a verifier does not look at: the hint at a key, and the place in a tree's whole where there is no promise that signs it.
IGNORED = {'hint', 'keyid'}


def is_bytes(path):
    return path[-1] in BYTES or (len(path) > 1 and path[-2] == 'hashes')


def flip(text, index):
    raw = bytearray(base64.b64decode(text))
    raw[index % len(raw)] ^= 1
    return base64.b64encode(raw).decode()


def of_bytes(name, bundle, path, text):
    raw = base64.b64decode(text)
    yield name + ' first byte', changed(bundle, path, flip(text, 0))
    yield name + ' last byte', changed(bundle, path, flip(text, -1))
    yield name + ' middle byte', changed(bundle, path, flip(text, len(raw) // 2))
    yield name + ' cut', changed(bundle, path, base64.b64encode(raw[:-1]).decode())
    yield name + ' appended', changed(bundle, path, base64.b64encode(raw + b'\0').decode())
    yield name + ' empty', changed(bundle, path, '')
    yield name + ' newline', changed(bundle, path, text[:4] + '\n' + text[4:])
    yield name + ' space', changed(bundle, path, text + ' ')
    yield name + ' four newlines', changed(bundle, path, text + '\n\n\n\n')
    if text.endswith('='): yield name + ' unpadded', changed(bundle, path, text.rstrip('='))
    if '+' in text or '/' in text: yield name + ' URL alphabet', changed(bundle, path, text.replace('+', '-').replace('/', '_'))
    if text.endswith('='):
        alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
        i = len(text.rstrip('=')) - 1
        yield name + ' idle bits', changed(bundle, path, text[:i] + alphabet[alphabet.index(text[i]) ^ 1] + text[i + 1:])
    yield name + ' hex', changed(bundle, path, raw.hex())
    yield name + ' array', changed(bundle, path, list(raw[:64]))


def of_number(name, bundle, path, text, is_signed):
    for what, new in (('negative', '-' + text), ('plus', '+' + text), ('zeros', '0' + text), ('space', ' ' + text), ('fraction', text + '.5'),
                      ('too large', '9223372036854775808'), ('far too large', '9' * 40), ('hex', '0x10'), ('exponent', '1e3'), ('a boolean', True),
                      ('an array', [text]), ('word', 'x'), ('none', '')):
        yield '%s %s' % (name, what), changed(bundle, path, new)
    yield name + ' one more', changed(bundle, path, str(int(text) + 1))
    yield '= %s as a number' % name, changed(bundle, path, int(text))


def of_checkpoint(name, bundle, path, text):
    body, lines = text.split('\n\n')
    for what, new in (('no signature', body + '\n\n'), ('no blank line', text.replace('\n\n', '\n')), ('no last newline', text[:-1]), ('hyphen', text.replace('\u2014', '-')),
                      ('another origin', 'x' + text), ('another size', re.sub(r'\n\d+\n', '\n4\n', text, count=1)), ('CRLF', text.replace('\n', '\r\n')),
                      ('a line more', body + '\nx\n\n' + lines), ('an empty name', re.sub('\u2014 [^ ]+', '\u2014 ', text)),
                      ('size with a zero', re.sub(r'\n(\d+)\n', r'\n0\1\n', text, count=1)), ('NUL', text.replace('\n\n', '\n\0\n\n')),
                      ('two blank lines', text.replace('\n\n', '\n\n\n'))):
        yield '%s %s' % (name, what), changed(bundle, path, new)


def mutants(bundle, other):
    """Names and changed bundles; other is one of the same kind, of which parts are taken."""
    for path in list(places(bundle)):
        value, name = at(bundle, path), '.'.join(map(str, path))
        if path[-1] in IGNORED: continue
        if value != []:
            yield 'without ' + name, without(bundle, path)
            yield 'null ' + name, changed(bundle, path, None)
            if not isinstance(value, (dict, list)) or value: yield 'object ' + name, changed(bundle, path, {})
            if not (isinstance(value, list) and not value): yield 'empty list ' + name, changed(bundle, path, [])
        yield 'number ' + name, changed(bundle, path, 7)
        yield 'boolean ' + name, changed(bundle, path, False)
        if isinstance(path[-1], str):
            snake = re.sub('([A-Z])', lambda m: '_' + m[1].lower(), path[-1])
            for what, key in (('snake case', snake), ('upper case', path[-1].upper()), ('unknown', path[-1] + 'X')):
                if key == path[-1]: continue
                renamed = without(bundle, path)
                at(renamed, path[:-1])[key] = value
                yield '%s %s' % (what, name), renamed
            more = copy.deepcopy(bundle)
            at(more, path[:-1])['unknown'] = None
            yield 'unknown member beside ' + name, more
        if is_bytes(path) and isinstance(value, str): yield from of_bytes(name, bundle, path, value)
        elif path[-1] in NUMBERS: yield from of_number(name, bundle, path, value, True)
        elif path[-1] == 'envelope': yield from of_checkpoint(name, bundle, path, value)
        elif isinstance(value, str):
            yield name + ' appended', changed(bundle, path, value + 'x')
            yield name + ' upper case', changed(bundle, path, value.upper() if value.upper() != value else value + 'X')
        if isinstance(value, list) and value:
            yield name + ' doubled', changed(bundle, path, value + [value[-1]])
            yield name + ' and null', changed(bundle, path, value + [None])
            if len(value) > 1: yield name + ' reversed', changed(bundle, path, value[::-1])
            yield name + ' many', changed(bundle, path, value * 200)
        # A part of another bundle.
        try: theirs = at(other, path)
        except (KeyError, IndexError): continue
        if theirs != value and path[-1] not in NUMBERS and path[-1] not in ('kind', 'version', 'hashes'): yield 'from another: ' + name, changed(bundle, path, theirs)
    yield '= reordered', dict(reversed(list(bundle.items())))
    material = bundle['verificationMaterial']
    for entry in range(len(material.get('tlogEntries', []))):
        both = copy.deepcopy(bundle)
        del both['verificationMaterial']['tlogEntries'][entry]
        yield 'entry %d stripped' % entry, both
    both = copy.deepcopy(bundle)
    both.update({'messageSignature': {'signature': 'MAA='}, 'dsseEnvelope': {'payload': 'e30=', 'payloadType': 'x', 'signatures': [{'sig': 'MAA='}]}})
    yield 'both contents', both


def texts(bundle, other):
    """Mutants as text; some are not what a JSON library would write."""
    text = json.dumps(bundle)
    for name, value in mutants(bundle, other): yield name, json.dumps(value).encode()
    yield '= white space', json.dumps(bundle, indent=4).encode() + b'\n'
    for what, new in (('BOM', b'\xef\xbb\xbf' + text.encode()), ('garbage', text.encode() + b'x'), ('twice', text.encode() * 2), ('NUL', text.encode() + b'\0'),
                      ('cut', text.encode()[:-1]), ('nothing', b''), ('comment', b'/* */' + text.encode()), ('trailing comma', text[:-1].encode() + b',}'),
                      ('single quotes', text.replace('"', "'").encode()), ('in an array', b'[' + text.encode() + b']')): yield what, new
    for key in bundle: yield 'doubled ' + key, (text[:-1] + ', %s: %s}' % (json.dumps(key), json.dumps(bundle[key]))).encode()
    for key in bundle['verificationMaterial']:
        inner = json.dumps(bundle['verificationMaterial'])
        twice = inner[:-1] + ', %s: %s}' % (json.dumps(key), json.dumps(bundle['verificationMaterial'][key]))
        yield 'doubled verificationMaterial.' + key, text.replace(inner, twice).encode()


# Changes that leave a bundle as good as it was, because what they remove is not needed.
def still_good(name, bundle):
    material = bundle['verificationMaterial']
    key = 'publicKey' in material
    # Of a chain the first certificate counts. The hint at a key is no more than that.
    if name == 'verificationMaterial.x509CertificateChain.certificates doubled' or name == 'from another: verificationMaterial.publicKey': return True
    if key and name == 'from another: verificationMaterial': return not material.get('tlogEntries')
    entries = material.get('tlogEntries', [])
    v1 = entries and 'inclusionPromise' in entries[0]
    rest = re.sub(r'^(without|null|object|empty list) ', '', name)
    if rest == name: return False
    if rest in ('verificationMaterial.timestampVerificationData', 'verificationMaterial.timestampVerificationData.rfc3161Timestamps'):
        return v1 and not (rest.endswith('Timestamps') and name.startswith('object')) and not (rest.endswith('Data') and name.startswith('empty list'))
    if name == 'without verificationMaterial.timestampVerificationData.rfc3161Timestamps.0': return v1
    # A key needs no time, so a proof is enough for it.
    if (key or 'timestampVerificationData' in material) and rest == 'verificationMaterial.tlogEntries.0.inclusionPromise': return name.startswith(('without', 'null'))
    if name == 'object verificationMaterial.publicKey': return True
    return False


# --- what there is to ask -------------------------------------------------------------------------

class Subject:
    """A bundle that is accepted, what it signs, by whom, and its mutants."""
    def __init__(self, name, bundle, other, root, artifact, key):
        self.name, self.bundle, self.root, self.artifact, self.key = name, bundle, root, artifact, key
        self.asked = list(texts(bundle, other)) + [('= as it is', json.dumps(bundle).encode())]

    def answers(self, checker):
        who = ['--key', self.key] if self.key else ['--identity', IDENTITY, ISSUER]
        lines = b''.join(b'%d\n%s' % (len(data), data) for _, data in self.asked)
        p = subprocess.run([checker, self.root, self.artifact, *who], input=lines, capture_output=True)
        answers = p.stdout.decode().split('\n')[:-1]
        if p.returncode or len(answers) != len(self.asked):
            sys.exit('%s: %d answers to %d mutants, exit %d: %s' % (self.name, len(answers), len(self.asked), p.returncode, p.stderr.decode()[:2000]))
        return answers

    def digest(self):
        """Of all that is asked: answers to it are answers to nothing else."""
        return hashlib.sha256(b''.join(b'%s\0%d\0%s' % (name.encode(), len(data), data) for name, data in self.asked)).hexdigest()


def made(fixtures):
    """The bundles of tests/fixtures/bundles."""
    load = lambda name: json.load(open('%s/%s.json' % (fixtures, name)))
    names = sorted(n[:-5] for n in os.listdir(fixtures) if n.endswith('.json') and re.match('dsse|file|certificate', n))
    for name in names:
        kind = name.split('-')[1]
        key = kind if name.startswith(('dsse', 'file')) else None
        if kind == 'logged': key = 'p256'
        other = next(load(n) for n in reversed(names) if n != name and n.startswith(name.split('-')[0]))
        root = 'trusted_root' if key is None or kind == 'logged' else 'no-logs'
        yield Subject(name, load(name), other, '%s/%s.json' % (fixtures, root), '%s/artifact.txt' % fixtures, key and '%s/%s.pub' % (fixtures, key))


def by_cosign(fixtures):
    """Those that cosign made, of an image: of them it is asked, too."""
    of = lambda name: next(json.loads(base64.b64decode(a['base64'])) for p, a in json.load(open('%s/../cosign/%s.json' % (fixtures, name))).items() if '/blobs/' in p)
    for name, other, root in ('named', 'other-name', '%s/no-logs.json'), ('logged', 'named', '%s/../cosign/trusted_root.json'):
        yield Subject('cosign-' + name, of(name), of(other), root % fixtures, fixtures + '/../manifest.json', fixtures + '/../cosign/cosign.pub')


# --- cosign ---------------------------------------------------------------------------------------

# Some kinds of keys are not asked about: cosign verifies P-384 and P-521 by key files only with a flag.
ASKED = re.compile('certificate|cosign|(dsse|file)-(p256|logged)')

def has_timestamps(bundle):
    """Whether cosign is told to use timestamps, as it is by its own driver for the conformance suite: where the bundle has some."""
    try: return len(json.loads(bundle)['verificationMaterial']['timestampVerificationData']['rfc3161Timestamps']) > 0
    except (ValueError, KeyError, TypeError): return False


def ask_cosign(subject, directory, number):
    path = '%s/%d' % (directory, number)
    with open(path, 'wb') as out: out.write(subject.asked[number][1])
    is_dsse = 'dsseEnvelope' in subject.bundle
    logged = subject.bundle['verificationMaterial'].get('tlogEntries')
    argv = ['cosign', 'verify-blob-attestation' if is_dsse else 'verify-blob', '--bundle', path, '--trusted-root', subject.root,
            *(['--key', subject.key] if subject.key else ['--certificate-identity', IDENTITY, '--certificate-oidc-issuer', ISSUER]),
            *(['--type', 'https://sigstore.dev/cosign/sign/v1'] if is_dsse else []), *([] if logged else ['--insecure-ignore-tlog']),
            *(['--use-signed-timestamps'] if has_timestamps(subject.asked[number][1]) else []), subject.artifact]
    try: return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=60).returncode == 0
    except subprocess.TimeoutExpired: return False
    finally: os.remove(path)


def record(fixtures):
    """Its answers: how many questions, which questions, and which of them it accepts."""
    answers = {}
    os.environ.update(HTTPS_PROXY='http://127.0.0.1:9', HTTP_PROXY='http://127.0.0.1:9')
    with tempfile.TemporaryDirectory() as directory, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for subject in [*made(fixtures), *by_cosign(fixtures)]:
            if not ASKED.match(subject.name): continue
            said = list(pool.map(lambda n: ask_cosign(subject, directory, n), range(len(subject.asked))))
            answers[subject.name] = {'asked': len(said), 'sha256': subject.digest(), 'accepted': [name for (name, _), yes in zip(subject.asked, said) if yes]}
    json.dump(answers, sys.stdout, indent=1)
    print()


def hold_recorded(path, checker, fixtures):
    recorded, asked, stricter, bad = json.load(open(path)), 0, 0, 0
    subjects = {s.name: s for s in [*made(fixtures), *by_cosign(fixtures)]}
    for name, answers in recorded.items():
        subject = subjects[name]
        if answers['asked'] != len(subject.asked) or answers['sha256'] != subject.digest():
            bad += 1
            print('%s: these are not the questions that cosign answered: ask it again (--ask-cosign)' % name)
            continue
        for (mutant, _), answer in zip(subject.asked, subject.answers(checker)):
            asked += 1
            ours, theirs = answer.startswith('accepted'), mutant in answers['accepted']
            stricter += theirs and not ours
            if not ours or theirs: continue
            bad += 1
            print('%s, %s: cosign rejects it' % (name, mutant))
    if asked < 1000: bad += 1
    print('%d questions, of which cosign alone accepts %d; %d wrong' % (asked, stricter, bad))
    return bad > 0


def main():
    if sys.argv[1] == '--write':
        os.makedirs(sys.argv[2], exist_ok=True)
        for path in sys.argv[3:]:
            bundle = json.load(open(path))
            for i, (name, data) in enumerate(texts(bundle, bundle)):
                open('%s/%s.%04d.json' % (sys.argv[2], os.path.basename(os.path.dirname(path)) or os.path.basename(path), i), 'wb').write(data)
        return 0
    if sys.argv[1] == '--ask-cosign': return record(sys.argv[2])
    if sys.argv[1] == '--recorded': return hold_recorded(*sys.argv[2:5])
    checker, fixtures = sys.argv[1:3]
    bad = total = 0
    subjects = list(made(fixtures))
    for subject in subjects:
        for (mutant, _), answer in zip(subject.asked, subject.answers(checker)):
            total += 1
            wanted = 'accepted' if mutant.startswith('=') or still_good(mutant, subject.bundle) else 'rejected'
            if answer.split(' ')[0] != wanted:
                bad += 1
                print('%s, %s: %s' % (subject.name, mutant, answer))
        if len(subject.asked) < 60: bad += 1; print('%s: %d mutants are few' % (subject.name, len(subject.asked)))
    print('%d mutants of %d bundles, %d wrong' % (total, len(subjects), bad))
    return bad > 0


sys.exit(main())
