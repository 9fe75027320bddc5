#!/usr/bin/env python3
"""Authorities that are renewed, re-keyed and cross-signed with the openssl command, and every order of what a policy and a
signature hold afterwards: questions in the protocol of tests/conformance, or with ANSWERS cases for compare.py.

usage: rotations.py DIRECTORY [ANSWERS]     certificates that stand in DIRECTORY are used again
"""
import itertools
import json
import os
import subprocess
import sys

from certificates import EMAIL, MANIFEST, REFERENCE, b64, blob

CONFIGURATION = '''
[ca]
default_ca = it
[it]
database = index
new_certs_dir = .
default_md = sha256
policy = any
rand_serial = yes
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issued]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[bare]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = none
authorityKeyIdentifier = none
[server]
basicConstraints = critical,CA:TRUE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
extendedKeyUsage = serverAuth
[elsewhere]
basicConstraints = critical,CA:TRUE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
nameConstraints = critical,permitted;email:example.org
[short]
basicConstraints = critical,CA:TRUE,pathlen:0
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
subjectAltName = email:u@example.com
authorityKeyIdentifier = keyid
[bare_leaf]
keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
subjectAltName = email:u@example.com
subjectKeyIdentifier = none
authorityKeyIdentifier = none
'''
NOW, OVER = ('20260101000000Z', '20360101000000Z'), ('20200101000000Z', '20260201000000Z')

# Name: common name, its key, who signs (None: itself) and with which key, extensions, dates.
CERTIFICATES = {
    'root': ('root', 'r1', None, 'r1', 'authority', NOW),
    'root-renewed': ('root', 'r1', None, 'r1', 'authority', NOW),
    'root-over': ('root', 'r1', None, 'r1', 'authority', OVER),
    'root-server': ('root', 'r1', None, 'r1', 'server', NOW),
    'root-rekeyed': ('root', 'r2', None, 'r2', 'authority', NOW),
    'new-with-old': ('root', 'r2', 'root', 'r1', 'issued', NOW),
    'old-with-new': ('root', 'r1', 'root-rekeyed', 'r2', 'issued', NOW),
    'other': ('other', 'o', None, 'o', 'authority', NOW),
    'other-over': ('other', 'o', None, 'o', 'authority', OVER),
    'middle': ('middle', 'm1', 'root', 'r1', 'issued', NOW),
    'middle-renewed': ('middle', 'm1', 'root', 'r1', 'issued', NOW),
    'middle-over': ('middle', 'm1', 'root', 'r1', 'issued', OVER),
    'middle-server': ('middle', 'm1', 'root', 'r1', 'server', NOW),
    'middle-elsewhere': ('middle', 'm1', 'root', 'r1', 'elsewhere', NOW),
    'middle-short': ('middle', 'm1', 'root', 'r1', 'short', NOW),
    'middle-rekeyed': ('middle', 'm2', 'root', 'r1', 'issued', NOW),
    'middle-by-new': ('middle', 'm1', 'root-rekeyed', 'r2', 'issued', NOW),
    'middle-by-other': ('middle', 'm1', 'other', 'o', 'issued', NOW),
    'root-by-other': ('root', 'r1', 'other', 'o', 'issued', NOW),
    'below': ('below', 'b', 'middle', 'm1', 'issued', NOW),
    'leaf': ('leaf', 'l', 'middle', 'm1', 'leaf', NOW),
    'leaf-rekeyed': ('leaf', 'l', 'middle-rekeyed', 'm2', 'leaf', NOW),
    'leaf-of-root': ('leaf', 'l', 'root', 'r1', 'leaf', NOW),
    'leaf-of-new': ('leaf', 'l', 'root-rekeyed', 'r2', 'leaf', NOW),
    'leaf-below': ('leaf', 'l', 'below', 'b', 'leaf', NOW),
    'bare': ('root', 'r1', None, 'r1', 'bare', NOW),
    'bare-rekeyed': ('root', 'r2', None, 'r2', 'bare', NOW),
    'bare-new-with-old': ('root', 'r2', 'bare', 'r1', 'bare', NOW),
    'bare-leaf': ('leaf', 'l', 'bare-rekeyed', 'r2', 'bare_leaf', NOW),
}

# Leaf, roots, and what comes with the signature.
ROTATIONS = {
    'straight': ('leaf', ['root'], ['middle']),
    'root renewed': ('leaf', ['root-over', 'root-renewed'], ['middle']),
    'root renewed, old one only': ('leaf', ['root-over'], ['middle']),
    'root of two usages': ('leaf', ['root-server', 'root'], ['middle']),
    'root of another usage only': ('leaf', ['root-server'], ['middle']),
    'another root that is over': ('leaf', ['other-over', 'root'], ['middle']),
    'intermediate renewed': ('leaf', ['root'], ['middle-over', 'middle-renewed']),
    'intermediate renewed, old one only': ('leaf', ['root'], ['middle-over']),
    'intermediate of two usages': ('leaf', ['root'], ['middle-server', 'middle']),
    'intermediate of two constraints': ('leaf', ['root'], ['middle-elsewhere', 'middle']),
    'intermediate of another constraint only': ('leaf', ['root'], ['middle-elsewhere']),
    'intermediate of two lengths': ('leaf-below', ['root'], ['middle-short', 'middle', 'below']),
    'intermediate too short only': ('leaf-below', ['root'], ['middle-short', 'below']),
    'intermediate re-keyed': ('leaf-rekeyed', ['root'], ['middle', 'middle-rekeyed']),
    'intermediate re-keyed, old one only': ('leaf-rekeyed', ['root'], ['middle']),
    'intermediate cross-signed': ('leaf', ['root'], ['middle-by-other', 'middle']),
    'intermediate cross-signed, other root': ('leaf', ['other'], ['middle-by-other', 'middle']),
    'intermediate cross-signed, both roots': ('leaf', ['other', 'root'], ['middle-by-other', 'middle']),
    'intermediate cross-signed, one over': ('leaf', ['other-over', 'root'], ['middle-by-other', 'middle']),
    'root cross-signed': ('leaf', ['other'], ['root-by-other', 'middle']),
    'root cross-signed, both trusted': ('leaf', ['other', 'root'], ['root-by-other', 'middle']),
    'anchor and intermediate': ('leaf', ['root', 'middle'], ['middle']),
    'anchor of another usage and intermediate': ('leaf', ['root', 'middle-server'], ['middle']),
    'intermediate alone': ('leaf', ['middle'], ['middle-server']),
    'RFC 4210, old root': ('leaf-of-new', ['root'], ['new-with-old']),
    'RFC 4210, new root': ('leaf-of-root', ['root-rekeyed'], ['old-with-new']),
    'RFC 4210, all of it': ('leaf-of-new', ['root', 'root-rekeyed'], ['new-with-old', 'old-with-new']),
    'RFC 4210, nothing between': ('leaf-of-new', ['root'], []),
    'RFC 4210, intermediate': ('leaf', ['root'], ['new-with-old', 'middle-by-new']),
    'RFC 4210, no key identifiers': ('bare-leaf', ['bare'], ['bare-new-with-old']),
    'RFC 4210, no key identifiers, both': ('bare-leaf', ['bare', 'bare-rekeyed'], ['bare-new-with-old']),
}


def run(*arguments, **options):
    return subprocess.run(['openssl', *arguments], check=True, capture_output=True, **options).stdout


def make(directory):
    os.makedirs(directory, exist_ok=True)
    os.chdir(directory)
    with open('c', 'w') as file:
        file.write(CONFIGURATION)
    for key in {c[1] for c in CERTIFICATES.values()}:
        if not os.path.exists(f'{key}.key'):
            run('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', f'{key}.key')
    for name, (common_name, key, issuer, signed_by, extensions, (start, end)) in CERTIFICATES.items():
        if os.path.exists(f'{name}.pem'):
            continue
        open('index', 'w').close()
        run('req', '-new', '-config', 'c', '-key', f'{key}.key', '-subj', f'/CN={common_name}', '-out', 'r')
        by = ['-cert', f'{issuer}.pem', '-keyfile', f'{signed_by}.key'] if issuer else ['-selfsign', '-keyfile', f'{key}.key']
        run('ca', '-batch', '-notext', '-config', 'c', '-extensions', extensions, '-startdate', start, '-enddate', end, '-in', 'r', '-out', f'{name}.pem', *by)


def questions():
    import hashlib
    digest = 'sha256:' + hashlib.sha256(MANIFEST).hexdigest()
    payload = json.dumps({'critical': {'identity': {'docker-reference': REFERENCE}, 'image': {'docker-manifest-digest': digest},
                                       'type': 'cosign container image signature'}, 'optional': None}).encode()
    signature = b64(run('dgst', '-sha256', '-sign', 'l.key', input=payload))
    text = {}
    for name in CERTIFICATES:
        with open(f'{name}.pem') as file:
            text[name] = file.read()
    for title, (leaf, roots, middle) in ROTATIONS.items():
        for number, (some, others) in enumerate(itertools.product(itertools.permutations(roots), itertools.permutations(middle))):
            requirement = {'type': 'sigstoreSigned', 'pki': {'caRootsData': b64(''.join(text[name] for name in some)), 'subjectEmail': EMAIL},
                           'signedIdentity': {'type': 'matchRepository'}}
            annotations = {'dev.cosignproject.cosign/signature': signature, 'dev.sigstore.cosign/certificate': text[leaf],
                           'dev.sigstore.cosign/chain': ''.join(text[name] for name in [*others, roots[0]])}
            policy = {'default': [{'type': 'reject'}], 'transports': {'docker': {'': [requirement]}}}
            yield {'id': f'{title}, {number}', 'op': 'eval', 'policy': b64(json.dumps(policy)), 'reference': 'docker://' + REFERENCE,
                   'manifest': b64(MANIFEST), 'signatures': [b64(blob(payload, annotations))]}


def main():
    answers = None
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding='utf-8') as file:
            answers = {answer.pop('id'): answer for answer in map(json.loads, file)}
    make(sys.argv[1])
    for asked in questions():
        if answers is None:
            print(json.dumps(asked))
        else:
            identity = asked.pop('id')
            print(json.dumps({'id': identity, 'request': asked, 'want': answers[identity]}))


if __name__ == '__main__':
    main()
