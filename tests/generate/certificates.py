#!/usr/bin/env python3
"""Writes questions about certificates and log entries, in the protocol of tests/conformance: one a line, and the same
for the same seed. With ANSWERS, lines of another implementation's answers, it writes cases for compare.py instead.

usage: certificates.py SEED COUNT [ANSWERS]
"""
import base64
import json
import random
import sys

import rekor
import signing
from signing import integer, oid, tlv

EMAIL, HOST, ISSUER, REFERENCE = 'u@example.com', 'host.example.com', 'https://issuer.example', 'registry.example/app:v1'
LOGGED_AT = 1795221000  # 2026-11-21T00:30:00Z, when the driver judges
DAY = 86400
MANIFEST = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{},"layers":[]}'


# --- trees of DER -----------------------------------------------------------------------------------------------------

class Node:
    """An element: its content is bytes, or a list of nodes. What stands in raw is written in its place."""

    def __init__(self, tag, content, length=None):
        self.tag, self.content, self.length, self.raw = tag, content, length, None

    def encode(self):
        if self.raw is not None:
            return self.raw
        content = self.content if isinstance(self.content, bytes) else b''.join(node.encode() for node in self.content)
        if self.length == 'long' and len(content) < 0x80:
            return bytes([self.tag, 0x81, len(content)]) + content
        if self.length == 'longer':
            return bytes([self.tag, 0x84]) + len(content).to_bytes(4, 'big') + content
        if self.length == 'indefinite':
            return bytes([self.tag, 0x80]) + content + b'\0\0'
        return tlv(self.tag, content)


def parse(data):
    """The elements of DER; octet strings and bit strings stay bytes, and so does what is none."""
    nodes = []
    while data:
        header = 2 + (data[1] & 0x7f if len(data) > 1 and data[1] >= 0x80 else 0)
        length = int.from_bytes(data[2:header], 'big') if header > 2 else data[1] if len(data) > 1 else 0
        if len(data) < header + length or data[0] & 0x1f == 0x1f or data[1:2] == b'\x80':
            nodes.append(Node(data[0], b''))
            nodes[-1].raw = data
            break
        content = data[header:header + length]
        nodes.append(Node(data[0], parse(content) if data[0] & 0x20 else content))
        data = data[header + length:]
    return nodes


def tree(data):
    return parse(data)[0]


def walk(node):
    yield node
    if isinstance(node.content, list):
        for inner in node.content:
            yield from walk(inner)


# --- certificates -----------------------------------------------------------------------------------------------------

ALGORITHMS = {'ec': {'sha1': '1.2.840.10045.4.1', 'sha224': '1.2.840.10045.4.3.1', 'sha256': '1.2.840.10045.4.3.2',
                     'sha384': '1.2.840.10045.4.3.3', 'sha512': '1.2.840.10045.4.3.4'},
              'rsa': {'sha1': '1.2.840.113549.1.1.5', 'sha256': '1.2.840.113549.1.1.11',
                      'sha384': '1.2.840.113549.1.1.12', 'sha512': '1.2.840.113549.1.1.13'}}
HASHES = {'sha1': '1.3.14.3.2.26', 'sha256': '2.16.840.1.101.3.4.2.1', 'sha384': '2.16.840.1.101.3.4.2.2',
          'sha512': '2.16.840.1.101.3.4.2.3'}
SIZES = {'sha1': 20, 'sha256': 32, 'sha384': 48, 'sha512': 64}


def pss(digest, mask=None, salt=None, trailer=None, null=True, more=b''):
    def algorithm(name):
        return tlv(0x30, oid(HASHES[name]) + (b'\5\0' if null else b''))
    return tlv(0x30, oid('1.2.840.113549.1.1.10') + tlv(0x30, tlv(0xa0, algorithm(digest)) + tlv(
        0xa1, tlv(0x30, oid('1.2.840.113549.1.1.8') + algorithm(mask or digest)))
        + tlv(0xa2, integer(SIZES[digest] if salt is None else salt))
        + (tlv(0xa3, integer(trailer)) if trailer is not None else b'') + more))


def name(text, string=0x0c, attribute='2.5.4.3'):
    return tlv(0x30, tlv(0x31, tlv(0x30, oid(attribute) + tlv(string, text.encode()))) if text else b'')


def time_of(seconds):
    from datetime import datetime, timezone
    at = datetime.fromtimestamp(seconds, timezone.utc)
    return tlv(0x17, at.strftime('%y%m%d%H%M%SZ').encode()) if at.year < 2050 else tlv(0x18, at.strftime('%Y%m%d%H%M%SZ').encode())


def extension(number, value, critical=False):
    return tlv(0x30, oid(number if '.' in number else '2.5.29.' + number) + (b'\1\1\xff' if critical else b'') + tlv(4, value))


def key_id(key):
    import hashlib
    return hashlib.sha1(key.spki).digest()


def mail(text):
    return tlv(0x81, text.encode())


def dns(text):
    return tlv(0x82, text.encode())


def uri(text):
    return tlv(0x86, text.encode())


def subtrees(permitted=(), excluded=()):
    return tlv(0x30, b''.join(tlv(tag, b''.join(tlv(0x30, base) for base in bases))
                              for tag, bases in ((0xa0, permitted), (0xa1, excluded)) if bases))


class Certificate:
    """What is in one, and how it is signed; encode() does the rest."""

    def __init__(self, subject, key, issuer=None, is_ca=True):
        issuer = issuer or self
        self.subject, self.key, self.issuer, self.is_ca = name(subject), key, issuer, is_ca
        self.text = subject
        self.issuer_name, self.signer, self.digest, self.salt = None, None, 'sha256', None
        self.version, self.serial = tlv(0xa0, integer(2)), integer(1)
        self.start, self.end = LOGGED_AT - 30 * DAY, LOGGED_AT + 300 * DAY
        self.validity = self.algorithm = self.outer_algorithm = self.spki = None
        self.between = b''  # unique identifiers
        self.with_key_ids, self.pss, self.extra = True, False, []
        self.extensions = {'19': (tlv(0x30, b'\1\1\xff'), True), '15': (b'\3\2\1\6', True)} if is_ca else {
            '15': (b'\3\2\7\x80', True), '37': (tlv(0x30, oid('1.3.6.1.5.5.7.3.3')), False),
            '17': (tlv(0x30, mail(EMAIL) + dns(HOST)), False), '1.3.6.1.4.1.57264.1.1': (ISSUER.encode(), False)}
        self.edit_tbs = self.edit_bits = self.behind = self.wrap = None
        self.is_logged, self.done = False, None

    def algorithm_of(self, key):
        if self.algorithm is not None:
            return self.algorithm
        if key.kind == 'ed':
            return tlv(0x30, oid('1.3.101.112'))
        if key.kind == 'rsa':
            return pss(self.digest) if self.pss else tlv(0x30, oid(ALGORITHMS['rsa'][self.digest]) + b'\5\0')
        return tlv(0x30, oid(ALGORITHMS['ec'][self.digest]))

    def encode(self):
        if self.done:
            return self.done
        signer = self.signer or self.issuer.key
        extensions = dict(self.extensions)
        if self.with_key_ids:
            extensions.setdefault('14', (tlv(4, key_id(self.key)), False))
            extensions.setdefault('35', (tlv(0x30, tlv(0x80, key_id(self.issuer.key))), False))
        listed = b''.join(extension(number, value, critical) for number, (value, critical) in extensions.items())
        algorithm = self.algorithm_of(signer)
        tbs = tlv(0x30, self.version + self.serial + algorithm + (self.issuer_name or self.issuer.subject)
                  + (self.validity or tlv(0x30, time_of(self.start) + time_of(self.end))) + self.subject
                  + (self.spki or self.key.spki) + self.between + tlv(0xa3, tlv(0x30, listed + b''.join(self.extra))))
        if self.edit_tbs:
            tbs = self.edit_tbs(tbs)
        sign = {'salt': self.salt} if self.salt is not None else {}
        bits = b'\0' + signer.sign(tbs, self.digest, self.pss, **sign)
        if self.edit_bits:
            bits = self.edit_bits(bits)
        whole = tlv(0x30, tbs + (self.outer_algorithm or algorithm) + tlv(3, bits) + (self.behind or b''))
        self.done = self.wrap(whole) if self.wrap else whole
        return self.done


def pem(der, label='CERTIFICATE'):
    body = base64.b64encode(der).decode()
    return f'-----BEGIN {label}-----\n' + '\n'.join(body[i:i + 64] for i in range(0, len(body), 64)) + f'\n-----END {label}-----\n'


# --- what may be odd about one ----------------------------------------------------------------------------------------

def shifted(data, unused):
    """A BIT STRING's content in which data stands that many bits to the left."""
    number = int.from_bytes(data, 'big') << unused
    return bytes([unused]) + (number & (1 << 8 * len(data)) - 1).to_bytes(len(data), 'big')


def spki_of(algorithm, bits, more=b''):
    return tlv(0x30, algorithm + tlv(3, bits) + more)


def odd_field(rng, c):
    """The fields in front of the extensions."""
    key = c.key
    algorithm = tree(c.algorithm_of(c.signer or c.issuer.key)).content
    parameters = algorithm[0].encode() if algorithm else b''
    odd_parameters = rng.choice([b'', b'\5\0', b'\4\1x', b'\x30\0', b'\x1f\x81\1\0', b'\x9f\x1f\0', b'\x30\x80\0\0', b'\5\x81\0',
                                 b'\4\x81\1x', b'\5', b'\5\0\5\0', b'\5\0x', b'\xa0\3\2\1\0'])
    choice = rng.randrange(19)
    if choice == 0:
        c.version = rng.choice([b'', tlv(0xa0, integer(0)), tlv(0xa0, integer(1)), tlv(0xa0, integer(3)), tlv(0xa0, integer(-1)),
                                tlv(0xa0, integer(2) + b'\5\0'), tlv(0xa0, b'\2\2\0\2')])
    elif choice == 1:
        c.serial = rng.choice([integer(-5), integer(0), integer(1 << 200), b'\2\2\0\1', b'\2\0', b'\2\x81\1\1', tlv(4, b'\1')])
    elif choice in (2, 3):
        c.algorithm = tlv(0x30, parameters + odd_parameters)
    elif choice == 4:
        c.outer_algorithm = tlv(0x30, parameters + odd_parameters)
    elif choice == 5:
        c.subject = rng.choice([name('x', 0x1e), name('xy', 0x1e), name('a@b', 0x13), name('x', 0x14), name('1', 0x12), name('\u00e9', 0x16),
                                name('\x01', 2), name('x', 1), name('x', 4), name('x', 0x1a), name('x', 0x1b), name(''), tlv(0x30, b'\x31\0')])
    elif choice == 6:
        c.subject = name(c.text, attribute=rng.choice(['2.25.2147483648', '2.25.2147483647', '1.2.4294967296', '2.999']))
    elif choice == 7:
        attribute = oid('2.5.4.3') + tlv(0x0c, c.text.encode())
        c.subject = rng.choice([tlv(0x30, tlv(0x31, tlv(0x30, attribute + b'\5\0'))), tlv(0x30, tlv(0x31, tlv(0x30, attribute) * 2)),
                                tlv(0x30, tlv(0x31, tlv(0x30, attribute)) * 2), tlv(0x30, tlv(0x30, tlv(0x30, attribute)))])
    elif choice == 8:
        c.issuer_name = rng.choice([name(c.issuer.text.upper()), name(c.issuer.text, 0x13), name(c.issuer.text + ' '), name('other'),
                                    c.issuer.subject])
    elif choice in (9, 10):
        good = tree(time_of(c.start)).content, tree(time_of(c.end)).content
        at = rng.randrange(2)
        text = good[at].decode()
        odd = rng.choice([text[:-1] + '+0100', text[:-1] + '-0800', text[:-1] + '+0000', text[:-3] + 'Z', text[:-3] + '60Z', text[:-1] + 'z', text[:-1],
                          text[:-1] + '.5Z', text[:2] + '13' + text[4:], text[:2] + '0230' + text[6:], '20' + text, text[:-1] + '+2500'])
        times = [tlv(0x17, good[0]), tlv(0x17, good[1])]
        times[at] = tlv(rng.choice([0x17, 0x17, 0x18]), odd.encode())
        if rng.random() < .2:
            times[at] = rng.choice([tlv(0x18, b'00000101000000Z'), tlv(0x18, b'99991231235959Z'), tlv(0x17, b'491231235959Z'), tlv(0x17, b'500101000000Z'),
                                    tlv(0x18, b'20270101000000Z'), tlv(0x18, b'20260101000000Z')])
        c.validity = tlv(0x30, b''.join(times) + (b'\5\0' if rng.random() < .1 else b''))
    elif choice == 11:
        shift = rng.choice([-400, 400]) * DAY
        c.start, c.end = c.start + shift, c.end + shift
    elif choice == 12:
        if c.is_logged:  # else another implementation judges at the time of day
            c.start, c.end = rng.choice([(LOGGED_AT, c.end), (LOGGED_AT + 1, c.end), (c.start, LOGGED_AT), (c.start, LOGGED_AT - 1)])
    elif choice in (13, 14) and key.kind == 'ec':
        algorithm, point = tree(key.spki).content[0].encode(), b'\0' + key.point
        c.spki = rng.choice([spki_of(algorithm, point, b'\5\0'), spki_of(algorithm, shifted(key.point, 1)), spki_of(algorithm, b'\1' + key.point),
                             spki_of(algorithm, b'\0' + bytes([2 + key.point[-1] % 2]) + key.point[1:33]), spki_of(algorithm, point + b'\0'),
                             spki_of(tlv(0x30, oid('1.2.840.10045.2.1') + oid('1.3.132.0.10')), point),
                             spki_of(tlv(0x30, oid('1.2.840.10045.2.1') + oid('1.3.132.0.34')), point),
                             spki_of(tlv(0x30, oid('1.2.840.10045.2.1') + oid('1.2.840.10045.3.1.7') + b'\5\0'), point),
                             spki_of(tlv(0x30, oid('1.2.840.10045.2.1')), point), spki_of(tlv(0x30, oid('1.2.3.4')), point),
                             spki_of(tlv(0x30, oid('1.2.3.4') + odd_parameters), point), spki_of(tlv(0x30, oid('2.25.2147483648')), point),
                             spki_of(tlv(0x30, oid('1.3.101.110')), b'\0' + bytes(32)), spki_of(tlv(0x30, oid('1.3.101.110')), b'\0' + bytes(31)),
                             spki_of(tlv(0x30, oid('2.16.840.1.101.3.4.3.17')), b'\0' + bytes(1312)),
                             spki_of(tlv(0x30, oid('2.16.840.1.101.3.4.3.17')), b'\0' + bytes(1311))])
    elif choice in (13, 14) and key.kind == 'rsa':
        rsa = '1.2.840.113549.1.1.1'
        c.spki = rng.choice([spki_of(tlv(0x30, oid(rsa)), b'\0' + key.public), spki_of(tlv(0x30, oid(rsa) + b'\5\0'), b'\0' + key.public + b'\5\0'),
                             spki_of(tlv(0x30, oid(rsa) + b'\5\0'), b'\0' + tlv(0x30, integer(key.n) + integer(key.e) + b'\5\0')),
                             spki_of(tlv(0x30, oid(rsa) + b'\5\0'), b'\0' + tlv(0x30, integer(-key.n) + integer(key.e))),
                             spki_of(tlv(0x30, oid(rsa) + b'\5\0'), b'\0' + tlv(0x30, integer(key.n) + integer(rng.choice([2, 3, 1, 0, -1, 1 << 31, 1 << 63])))),
                             spki_of(tlv(0x30, oid(rsa) + b'\5\0'), b'\0' + tlv(0x30, integer(rng.choice([15, 1 << 1023, key.n >> 8])) + integer(key.e))),
                             spki_of(tlv(0x30, oid('1.2.840.113549.1.1.10')), b'\0' + key.public)])
    elif choice == 15:
        c.between = rng.choice([tlv(0x81, b'\0x'), tlv(0x82, b'\0x'), tlv(0x81, b'\0x') + tlv(0x82, b'\0y'), tlv(0x82, b'\0x') + tlv(0x81, b'\0y'),
                                b'\x81\5x', tlv(0xa1, b''), b'\5\0', tlv(0xa4, b'')])
    elif choice == 16:
        c.behind = rng.choice([b'\5\0', b'x', tlv(0x30, b'')])
    elif choice == 17:
        bits = c.edit_bits = rng.choice([lambda b: b + b'\0', lambda b: b'\1' + b[1:], lambda b: shifted(b[1:], 1), lambda b: b[:-1], lambda b: b'',
                                         lambda b: b[:9] + bytes([b[9] ^ 1]) + b[10:], lambda b: b'\0\x30\x81' + b[2:],
                                         lambda b: b'\0' + b[1:2] + bytes([b[2] + 2]) + b[3:] + b'\5\0'])
        return bits
    else:
        c.wrap = rng.choice([lambda d: d + b'\0', lambda d: d[:-1], lambda d: b'\x30\x80' + d[4:] + b'\0\0' if d[1] == 0x82 else d])
    return None


SAN = [mail(EMAIL), mail('v@example.com'), mail('u@sub.example.com'), mail('u@'), mail('"u"@example.com'), mail('u\\.v@example.com'), mail('U@EXAMPLE.COM'),
       mail('u@*.example.com'), mail('plain'), mail('a@b@example.com'), mail(''), dns(HOST), dns('*.example.com'), dns('*name.example.com'), dns(''), dns('.'),
       dns('a..b'), dns('example.com.'), dns('.example.com'), dns('HOST.Example.Com'), dns('badexample.com'), dns('a b'), dns('1.2.3.4'), dns('*'),
       uri('https://host.example.com/x'), uri('https://example.org'), uri('https://1.2.3.4/'), uri('https://[::1]/'), uri('https://1.2.3/'), uri('mailto:u@example.com'),
       uri('relative'), uri('https://host.example.com:443/'), uri('https://host.example.com.:443/'), uri('https://:443/'), uri('https:///x'), uri('https://%zz/'),
       uri('https://a b/'), uri('https://u:p@host.example.com/'), uri('https://host.example.com/%zz'), uri('https://host.example.com/?%zz'), uri(''), uri(':'), uri('1:x'),
       uri('https://host_1.example.com/'), uri('https://host.example.com#%zz'), uri('https://a..b/'), uri('a:b'), uri('https://host.example.com:x/'),
       tlv(0x87, bytes([10, 1, 2, 3])), tlv(0x87, bytes(16)), tlv(0x87, bytes(10) + b'\xff\xff\1\2\3\4'), tlv(0x87, b'abc'), tlv(0x87, b''),
       tlv(0xa0, oid('1.2.3.4') + tlv(0xa0, tlv(0x0c, b'x'))), tlv(0xa4, name('x')), tlv(0x88, b'\x2a\3'), tlv(0xa1, b''), tlv(0x81, b'\xc3\xa9@example.com'), b'\x9f\x81\1\0']
SUBTREES = [mail('example.com'), mail('.example.com'), mail('u@example.com'), mail('u@EXAMPLE.com'), mail('"u"@example.com'), mail(''), mail('bar.example.com'), mail('v@@x'),
            dns('example.com'), dns('.example.com'), dns('EXAMPLE.com'), dns('bar.example.com'), dns(''), dns('.'), dns('..'), dns('com'), dns('host.example.com.'), dns('a b'),
            dns('*.example.com'), uri('example.com'), uri('.example.com'), uri('1.2.3.4'), uri('host.example.com'), uri('::1'), uri(''), uri('https://x/'),
            tlv(0x87, bytes([10, 0, 0, 0, 255, 0, 0, 0])), tlv(0x87, bytes([10, 9, 9, 9, 255, 0, 0, 0])), tlv(0x87, bytes([10, 0, 0, 0, 255, 0, 255, 0])),
            tlv(0x87, bytes(32)), tlv(0x87, bytes(8)), tlv(0x87, bytes(10) + b'\xff\xff' + bytes(20)), tlv(0x87, b'abc'), tlv(0xa4, name('x')), tlv(0xa0, b'x'),
            mail('example.com') + b'\x80\1\0', tlv(0x81, b'\xc3\xa9')]


def oid_set(oids):
    return tlv(0x30, b''.join(oid(o) for o in oids))


def odd_extension(rng, c):
    code, server, any_usage = '1.3.6.1.5.5.7.3.3', '1.3.6.1.5.5.7.3.1', '2.5.29.37.0'
    number = rng.choice(['14', '15', '15', '17', '17', '19', '19', '30', '30', '31', '32', '33', '35', '36', '37', '37', '54', '1.3.6.1.5.5.7.1.1', 'fulcio', 'other', 'list'])
    tail = rng.choice([b''] * 9 + [b'\5\0'])
    critical = rng.random() < .3
    if number == '14':
        value = rng.choice([tlv(4, b''), tlv(4, b'x'), b'x', tlv(4, key_id(c.issuer.key)), b'', tlv(3, b'\0x')])
        critical = rng.random() < .1
    elif number == '15':
        value = rng.choice([b'\3\2\7\x87', b'\3\2\7\x80', b'\3\2\1\6', b'\3\2\1\7', b'\3\2\7\0', b'\3\1\0', b'\3\1\1', b'\3\2\x08\0', b'\3\3\7\6\x80', b'\3\3\7\6\x81', b'\3\2\2\4',
                            b'\3\0', b'\4\1\6', b'\3\2\0\6', b'\3\3\0\6\0', b'\3\x81\2\1\6'])
    elif number == '17':
        value = tlv(0x30, b''.join(rng.choices(SAN, k=rng.randrange(4))) + (mail(EMAIL) if rng.random() < .6 else b''))
    elif number == '19':
        value = rng.choice([tlv(0x30, b''), tlv(0x30, b'\1\1\xff'), tlv(0x30, b'\1\1\1'), tlv(0x30, b'\1\1\0'), tlv(0x30, b'\1\1\xff\2\1\0'), tlv(0x30, b'\1\1\xff\2\1\1'),
                            tlv(0x30, b'\1\1\xff\2\1\xff'), tlv(0x30, b'\1\1\xff\2\2\0\1'), tlv(0x30, b'\2\1\0'), tlv(0x30, b'\1\1\xff\5\0'), tlv(0x30, b'\1\1\xff\2\1\0\5\0'),
                            tlv(0x30, b'\1\1\xff' + integer(1 << 62)), tlv(0x30, b'\1\1\xff' + integer(1 << 63)), b'\1\1\xff', b''])
    elif number == '30':
        value = rng.choice([subtrees(rng.choices(SUBTREES, k=rng.randrange(3)), rng.choices(SUBTREES, k=rng.randrange(3)))] * 6
                           + [tlv(0x30, tlv(0xa0, b'') + tlv(0xa1, tlv(0x30, mail('bad.example')))), tlv(0x30, b''), tlv(0x30, tlv(0xa1, b'')), subtrees([mail('example.com')]) + b'\5\0',
                              tlv(0x30, tlv(0xa0, tlv(0x30, mail('example.com'))) + b'\5\0')])
        tail = b''
    elif number == '31':
        value = rng.choice([tlv(0x30, tlv(0x30, tlv(0xa0, tlv(0xa0, uri('http://x'))))), tlv(0x30, tlv(0x30, b'')), tlv(0x30, b''), tlv(0x30, b'\5\0'), tlv(0x30, tlv(0x30, tlv(0xa0, b'x'))),
                            tlv(0x30, tlv(0x30, tlv(0xa0, tlv(0xa1, b'x')))), tlv(0x30, tlv(0x30, b'\5\0'))])
    elif number == '32':
        policy = tlv(0x30, oid('1.2.3.4'))
        value = rng.choice([tlv(0x30, policy), tlv(0x30, policy * 2), tlv(0x30, tlv(0x30, oid('2.25.2147483648'))), tlv(0x30, tlv(0x30, oid('2.5.29.32.0'))), tlv(0x30, b''),
                            tlv(0x30, tlv(0x30, b'\6\0')), tlv(0x30, tlv(0x30, b'\6\2\x80\1')), tlv(0x30, policy + b'x'), tlv(0x30, tlv(0x30, oid('1.2.3.4') + b'\5\0'))])
    elif number == '33':
        value = tlv(0x30, tlv(0x30, rng.choice([oid('1.2.3.4') + oid('1.2.3.5'), oid('2.5.29.32.0') + oid('1.2.3.5'), b'\6\0' + oid('1.2.3.5'), oid('1.2.3.4')])))
    elif number == '35':
        value = rng.choice([tlv(0x30, tlv(0x80, b'other')), tlv(0x30, b''), tlv(0x30, tlv(0x80, key_id(c.issuer.key))), tlv(0x30, tlv(0xa1, tlv(0xa4, name('x'))) + tlv(0x82, b'\1')), b'x', tlv(0x30, b'\x80\5x')])
        critical = rng.random() < .1
    elif number == '36':
        value = tlv(0x30, rng.choice([tlv(0x80, b'\0'), tlv(0x80, b'\1'), tlv(0x81, b'\0'), tlv(0x80, b'\5') + tlv(0x81, b'\0'), tlv(0x80, b'\xff'), b'', tlv(0x80, b''), tlv(0x80, b'\0\1')]))
    elif number == '37':
        value = rng.choice([oid_set([code]), oid_set([server]), oid_set([any_usage]), oid_set(['1.2.3.4']), oid_set([code, '2.25.2147483648']), oid_set([code, server]), oid_set([]), oid_set([server, any_usage]),
                            oid_set([code]) + b'\5\0', tlv(0x30, b'\6\0'), tlv(0x30, oid(code) + b'\5\0'), b''])
    elif number == '54':
        value = rng.choice([integer(0), integer(-1), integer(1 << 62), integer(1 << 63), b'\2\2\0\1', b''])
    elif number == '1.3.6.1.5.5.7.1.1':
        value = tlv(0x30, rng.choice([tlv(0x30, oid('1.3.6.1.5.5.7.48.1') + uri('http://x')), tlv(0x30, oid('2.25.2147483648') + uri('http://x')), tlv(0x30, oid('1.3.6.1.5.5.7.48.1')), b'', tlv(0x30, b''),
                                      tlv(0x30, oid('1.3.6.1.5.5.7.48.2') + b'\5\0'), tlv(0x30, oid('1.3.6.1.5.5.7.48.2') + b'\x86\5x')]))
        critical = rng.random() < .1
    elif number == 'fulcio':
        number = rng.choice(['1.3.6.1.4.1.57264.1.1', '1.3.6.1.4.1.57264.1.8'])
        text = rng.choice([ISSUER, ISSUER, 'https://other.example'])
        value = text.encode() if number.endswith('.1') and rng.random() < .9 else rng.choice(
            [tlv(tag, text.encode()) for tag in (0x0c, 0x0c, 0x13, 0x16, 0x14, 0x1a, 0x1b, 4)] + [tlv(0x1e, text.encode('utf-16-be')), tlv(0x0c, text.encode()) + b'\5\0', b'',
                                                                                             Node(0x0c, text.encode(), 'longer').encode()])
        critical, tail = rng.random() < .1, b''
    elif number == 'other':
        number = rng.choice(['1.2.3.4', '2.25.2147483648', '2.25.2147483647', '2.5.29.99', '1.2.3.4.99999999999', '2.999.1'])
        value = b'\5\0'
    else:
        c.extra.append(rng.choice([extension('19', tlv(0x30, b'')), extension('1.2.3.4', b''), tlv(0x30, b''), b'\5\0', tlv(0x30, oid('1.2.3.4') + b'\1\1\1' + tlv(4, b'')),
                                   tlv(0x30, oid('1.2.3.4') + b'\1\1\0' + tlv(4, b'')), tlv(0x30, oid('1.2.3.4') + tlv(4, b'') + b'\5\0'), extension('1.2.3.4', b'') * 2]))
        return
    c.extensions[number] = (value + tail, critical)


def odd_element(rng, c):
    """Anything, anywhere in what is signed."""
    def edit(tbs):
        whole = tree(tbs)
        if not isinstance(whole.content, list):
            return tbs
        nodes = list(walk(whole))
        node = rng.choice(nodes)
        lists = [n for n in nodes if isinstance(n.content, list)]
        parent = rng.choice(lists)
        choice = rng.randrange(9)
        if choice == 0:
            node.length = rng.choice(['long', 'longer', 'indefinite'])
        elif choice == 1:
            node.tag = rng.choice([node.tag ^ 0x20, node.tag ^ 0x80, node.tag | 0x1f, rng.randrange(256)])
        elif choice == 2:
            parent.content.insert(rng.randrange(len(parent.content) + 1), tree(rng.choice([b'\5\0', b'\2\1\0', b'\x30\0', b'\1\1\0', b'\xa0\0', b'\x80\0', b'\3\2\1\0'])))
        elif choice == 3:
            parent.content.append(tree(rng.choice([b'\5\0', b'\2\1\0', b'\x30\0', b'\x82\1x', b'\xa3\0'])))
        elif choice == 4 and parent.content:
            parent.content.pop(rng.randrange(len(parent.content)))
        elif choice == 5 and parent.content:
            inner = rng.choice(parent.content)
            parent.content.insert(rng.randrange(len(parent.content) + 1), inner)
        elif choice == 6 and isinstance(node.content, bytes):
            at = rng.randrange(len(node.content) + 1)
            node.content = rng.choice([node.content[:at], node.content + b'\0', node.content[:at] + bytes([rng.randrange(256)]) + node.content[at + 1:]])
        elif choice == 7 and len(parent.content) > 1:
            i, j = rng.sample(range(len(parent.content)), 2)
            parent.content[i], parent.content[j] = parent.content[j], parent.content[i]
        else:
            parent.content.append(Node(0, b''))
            parent.content[-1].raw = rng.choice([b'\0', b'\x1f\1\0', b'\5', b'\xff\xff'])
        return whole.encode()
    c.edit_tbs = edit


def odd_signature(rng, c):
    key = c.signer or c.issuer.key
    if rng.random() < .3:
        c.signer = rng.choice(KEYS)
    elif key.kind == 'rsa':
        c.pss = True
        c.digest = rng.choice(['sha256', 'sha256', 'sha384', 'sha512' if key.size >= 256 else 'sha384', 'sha1'])
        variants = [{}, {}, {'null': False}, {'salt': 20}, {'mask': 'sha1'}, {'mask': 'sha512'}, {'trailer': 1}, {'trailer': 2}, {'more': b'\5\0'}, {'more': b'\xa4\2\5\0'}]
        variant = rng.choice(variants)
        c.salt = variant.get('salt')
        c.algorithm = pss(c.digest, **variant)
    else:
        c.digest = rng.choice(['sha1', 'sha256', 'sha384', 'sha512', 'sha224'])


# --- paths ------------------------------------------------------------------------------------------------------------

def setup(rng):
    """Roots, those between, and the leaf: straight, cross-signed, renewed, re-keyed, or several of these."""
    keys = rng.sample(KEYS, 8)
    root = Certificate('root', keys[0])
    roots, middle, by = [root], [], root
    for depth in range(rng.choice([0, 1, 1, 1, 2, 2, 3, 6] if rng.random() < .97 else [4, 5, 7])):
        by = Certificate(f'middle{depth}', keys[1 + depth % 4] if depth < 4 else rng.choice(KEYS), by)
        middle.append(by)
    leaf = Certificate('leaf', keys[6], by, is_ca=False)
    shape = rng.randrange(14)
    if shape == 1 and middle:  # another root signs the first of those between
        other = Certificate('other root', keys[5])
        cross = Certificate(middle[0].text, middle[0].key, other)
        middle.append(cross)
        roots = rng.choice([[root], [other], [root, other]])
    elif shape == 2:  # the root's second edition: the same key
        again = Certificate('root', root.key)
        again.serial = integer(2)
        odd_edition(rng, rng.choice([root, again]))
        roots = [root, again]
    elif shape == 3 and middle:  # the same of one between
        chosen = rng.choice(middle)
        again = Certificate(chosen.text, chosen.key, chosen.issuer)
        again.serial = integer(2)
        odd_edition(rng, rng.choice([chosen, again]))
        middle.append(again)
    elif shape == 4:  # a new key under the old name (RFC 4210, section 4.4)
        new = Certificate('root', keys[5])
        new.serial = integer(2)
        with_old, with_new = Certificate('root', new.key, root), Certificate('root', root.key, new)
        with_old.serial, with_new.serial = integer(3), integer(4)
        middle += rng.choice([[with_old], [with_new], [with_old, with_new]])
        roots = rng.choice([[root], [new], [root, new]])
    elif shape == 5 and middle:  # one between is an anchor, too
        roots = rng.choice([[root, middle[-1]], [middle[-1]], [middle[0]], [leaf], [root, leaf]])
    elif shape == 6:  # somebody else of the same name
        roots = [Certificate('root', keys[5]), root]
        if rng.random() < .5 and middle:
            middle.append(Certificate(middle[-1].text, keys[7], middle[-1].issuer))
    elif shape == 7 and len(middle) > 1:  # two that vouch for one another
        middle.append(Certificate(middle[0].text, middle[0].key, middle[1]))
    elif shape == 8:  # many of one name
        for i in range(rng.choice([3, 8])):
            again = Certificate((middle[-1] if middle else root).text, rng.choice(keys), root)
            again.serial = integer(10 + i)
            middle.append(again)
    if rng.random() < .25:
        for c in [root, *roots, *middle, leaf]:
            c.with_key_ids = False
    return roots, middle, leaf


def odd_edition(rng, c):
    """What differs between two editions of one authority."""
    rng.choice([lambda: c.extensions.update({'37': (oid_set(['1.3.6.1.5.5.7.3.1']), False)}),
                lambda: c.extensions.update({'30': (subtrees([mail('example.org')]), False)}),
                lambda: c.extensions.update({'30': (subtrees([mail('example.com')]), True)}),
                lambda: c.extensions.update({'19': (tlv(0x30, b'\1\1\xff\2\1\0'), True)}),
                lambda: setattr(c, 'end', LOGGED_AT - DAY), lambda: setattr(c, 'with_key_ids', False),
                lambda: c.extensions.update({'14': (tlv(4, b'other'), False)}),
                lambda: c.extensions.update({'17': (tlv(0x30, mail('ca@example.com')), False)})])()


def bundle(rng, certificates):
    texts = [pem(c.encode()) for c in certificates]
    if rng.random() < .5:
        rng.shuffle(texts)
    if texts and rng.random() < .1:
        i = rng.randrange(len(texts))
        texts[i] = rng.choice([texts[i] * 2, 'text\n' + texts[i], texts[i].replace('\n', '\r\n'), texts[i].replace('CERTIFICATE', 'FOO'),
                               texts[i].replace('-----\n', '-----\nA: b\n\n', 1), pem(b'\x30\0') + texts[i], texts[i].rstrip('\n') + '\n'])
    return ''.join(texts) + (rng.choice(['\n', 'text', ' \t\n']) if rng.random() < .05 else '')


def blob(payload, annotations):
    body = {'mimeType': 'application/vnd.dev.cosign.simplesigning.v1+json', 'payload': base64.b64encode(payload).decode(), 'annotations': annotations}
    return b'\0sigstore-json\n' + json.dumps(body).encode()


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def question(number, seed):
    import hashlib
    rng = random.Random(f'{seed}-{number}')
    for key in KEYS:
        key.rng = rng
    digest = 'sha256:' + hashlib.sha256(MANIFEST).hexdigest()
    payload = json.dumps({'critical': {'identity': {'docker-reference': REFERENCE}, 'image': {'docker-manifest-digest': digest},
                                       'type': 'cosign container image signature'}, 'optional': None}).encode()
    kind = rng.choices(['pki', 'fulcio', 'key'], [55, 25, 20])[0]
    if kind == 'key':
        key = rng.choice(KEYS)
        signature = b64(key.sign(payload))
        entry, log = rekor.entry(rng, KEYS, pem(key.spki, 'PUBLIC KEY'), signature, payload, LOGGED_AT)
        requirement = {'keyData': b64(pem(key.spki, 'PUBLIC KEY')), 'rekorPublicKeyData': b64(pem(log.spki, 'PUBLIC KEY'))}
        annotations = {'dev.cosignproject.cosign/signature': signature, 'dev.sigstore.cosign/bundle': entry}
    else:
        roots, middle, leaf = setup(rng)
        everything = list({id(c): c for c in [*roots, *middle, leaf]}.values())
        for c in everything:
            c.is_logged = kind == 'fulcio'
        for _ in range(rng.choice([0, 1, 1, 1, 1, 2])):
            target = rng.choice([leaf, rng.choice(everything), rng.choice(everything)])
            rng.choices([odd_field, odd_extension, odd_element, odd_signature, odd_edition], [30, 35, 20, 8, 3])[0](rng, target)
        leaf_pem, roots_pem = bundle(rng, [leaf]), bundle(rng, roots)
        configured = middle if kind == 'pki' and rng.random() < .4 else []
        chain = bundle(rng, [*(c for c in middle if c not in configured or rng.random() < .2), rng.choice(roots)])
        signature = b64(leaf.key.sign(payload))
        annotations = {'dev.cosignproject.cosign/signature': signature, 'dev.sigstore.cosign/certificate': leaf_pem, 'dev.sigstore.cosign/chain': chain}
        if kind == 'pki':
            requirement = {'pki': {'caRootsData': b64(roots_pem), 'subjectEmail': EMAIL}}
            if rng.random() < .3:
                requirement['pki']['subjectHostname'] = HOST
            if configured:
                requirement['pki']['caIntermediatesData'] = b64(bundle(rng, configured))
        else:
            entry, log = rekor.entry(rng, KEYS, leaf_pem, signature, payload, LOGGED_AT, mostly_good=True)
            annotations['dev.sigstore.cosign/bundle'] = entry
            requirement = {'fulcio': {'caData': b64(roots_pem), 'oidcIssuer': ISSUER, 'subjectEmail': EMAIL}, 'rekorPublicKeyData': b64(pem(log.spki, 'PUBLIC KEY'))}
    requirement.update(type='sigstoreSigned', signedIdentity={'type': 'matchRepository'})
    policy = {'default': [{'type': 'reject'}], 'transports': {'docker': {'': [requirement]}}}
    return {'id': f'{kind}-{seed}-{number:05}', 'op': 'eval', 'policy': b64(json.dumps(policy)), 'reference': 'docker://' + REFERENCE,
            'manifest': b64(MANIFEST), 'signatures': [b64(blob(payload, annotations))]}


def make_keys():
    rng = random.Random('keys')
    return [*(signing.EcKey(rng) for _ in range(9)), signing.RsaKey(rng), signing.RsaKey(rng, 1031), signing.EdKey(rng)]


KEYS = make_keys()


def main():
    seed, count = sys.argv[1], int(sys.argv[2])
    answers = None
    if len(sys.argv) > 3:
        with open(sys.argv[3], encoding='utf-8') as file:
            answers = {answer.pop('id'): answer for answer in map(json.loads, file)}
    for number in range(count):
        asked = question(number, seed)
        if answers is None:
            print(json.dumps(asked))
        else:
            identity = asked.pop('id')
            print(json.dumps({'id': identity, 'request': asked, 'want': answers[identity]}))


if __name__ == '__main__':
    main()
