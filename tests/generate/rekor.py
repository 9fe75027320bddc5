"""Entries of a stand-in log (Rekor's signed entry timestamps), good ones and odd ones."""
import base64
import hashlib
import json


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def number(value):
    """As RFC 8785 writes it."""
    if isinstance(value, int) and abs(value) < 1 << 53:
        return str(value)
    text = repr(float(value))
    if text.endswith('.0'):
        text = text[:-2]
    if 'e' in text:
        mantissa, exponent = text.split('e')
        exponent = int(exponent)
        if 0 < exponent < 21:
            digits = mantissa.replace('.', '').replace('-', '')
            return ('-' if text.startswith('-') else '') + digits + '0' * (exponent + 1 - len(digits))
        text = mantissa + 'e' + ('+' if exponent > 0 else '') + str(exponent)
    return text


def canonical(value):
    if isinstance(value, dict):
        return '{' + ','.join(canonical(key) + ':' + canonical(value[key]) for key in sorted(value)) + '}'
    if isinstance(value, list):
        return '[' + ','.join(map(canonical, value)) + ']'
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return number(value)


def members(pairs, space=''):
    return '{' + ','.join(f'{space}{json.dumps(key)}{space}:{space}{value}' for key, value in pairs) + space + '}'


def odd_pem(rng, text):
    return rng.choice([text + '\n', text.rstrip('\n'), text.replace('\n', '\r\n'), 'text\n' + text, text + 'text', text.rstrip('\n') + '  \n',
                       text.replace('PUBLIC KEY', 'FOO').replace('CERTIFICATE', 'BAR'), text.replace('-----\n', '-----\nA: b\n\n', 1), text * 2, '', 'x'])


def body_of(rng, signer, signature, payload, odd):
    value, algorithm, kind, version = hashlib.sha256(payload).hexdigest(), 'sha256', 'hashedrekord', '0.0.1'
    content = signature
    choice = rng.randrange(16) if odd else -1
    if choice == 0:
        value = rng.choice([value.upper(), '0x' + value, value[:-2], '', hashlib.sha256(b'').hexdigest(), value + '00'])
    elif choice == 1:
        algorithm = rng.choice(['SHA256', 'sha512', '', 'sha1'])
    elif choice == 2:
        kind = rng.choice(['HashedRekord', 'rekord', 'hashedrekord ', ''])
    elif choice == 3:
        version = rng.choice(['0.0.2', '0.0.1 ', '', '1'])
    elif choice == 4:
        content = rng.choice([signature.rstrip('='), signature[:8] + '\n' + signature[8:], b64(b'x'), '', signature + ' ', signature.replace('+', '-')])
    elif choice in (5, 6):
        signer = odd_pem(rng, signer)
    hashed = [('algorithm', json.dumps(algorithm)), ('value', json.dumps(value))]
    key = [('content', json.dumps(b64(signer)))]
    if choice == 7:
        key[0] = ('content', json.dumps(list(signer.encode())))
    made = [('content', json.dumps(content)), ('publicKey', members(key))]
    data = [('hash', members(hashed))]
    spec = [('data', members(data)), ('signature', members(made))]
    body = [('apiVersion', json.dumps(version)), ('kind', json.dumps(kind)), ('spec', members(spec))]
    lists = [hashed, key, made, data, spec, body]
    if choice in (8, 9, 10, 11, 12):
        chosen = rng.choice(lists)
        at = rng.randrange(len(chosen))
        name, text = chosen[at]
        if choice == 8:
            chosen[at] = (rng.choice([name.upper(), name.capitalize(), name.replace('s', '\u017f').replace('k', '\u212a'), name + ' ']), text)
        elif choice == 9:
            chosen.insert(rng.randrange(len(chosen) + 1), (rng.choice([name, name.upper()]), rng.choice(['null', text, '"x"', '{}', '[]', '1'])))
        elif choice == 10:
            chosen[at] = (name, rng.choice(['null', '1', '"x"', '[]', '{}', 'true']))
        elif choice == 11:
            chosen.pop(at)
        else:
            chosen.append(('extra', rng.choice(['1', '{"a":1,"a":2}', 'null', '1e400', '"\\ud800"'])))
        # The inner lists stand in the outer ones as text: write them again.
        rewrite = [('data', data, 'hash', hashed), ('signature', made, 'publicKey', key)]
        for _, outer, inner_name, inner in rewrite:
            if chosen is inner:
                outer[:] = [(n, members(inner) if n == inner_name else t) for n, t in outer]
        if chosen in (hashed, data):
            spec[:] = [(n, members(data) if n == 'data' else t) for n, t in spec]
        if chosen in (key, made):
            spec[:] = [(n, members(made) if n == 'signature' else t) for n, t in spec]
        if chosen is not body:
            body[:] = [(n, members(spec) if n == 'spec' else t) for n, t in body]
    if choice == 13:
        rng.shuffle(body)
    text = members(body, rng.choice(['', ' ', '\n']) if choice == 14 else '')
    return text + (rng.choice([' ', 'x', '{}', '\n']) if choice == 15 else '')


def entry(rng, keys, signer, signature, payload, at, mostly_good=False):
    """The text of an entry, and the key of the log that signed it."""
    logs = [key for key in keys if key.kind == 'ec']
    log = signed_by = rng.choice(logs)
    odd = rng.random() < (.06 if mostly_good else .8)
    where = rng.randrange(4) if odd else -1
    body = body_of(rng, signer, signature, payload, where in (0, 1))
    fields = {'body': json.dumps(b64(body)), 'integratedTime': str(at), 'logIndex': '17', 'logID': '"c0ffee"'}
    if where == 2:
        name = rng.choice(list(fields))
        values = {'body': [json.dumps(list(body.encode())), 'null', body, '""', json.dumps(b64(body)[:9] + '\n' + b64(body)[9:]), json.dumps(b64(body).rstrip('='))],
                  'integratedTime': [f'{at}.0', f'{at}.5', '17e8', '1.7e9', 'null', '0', '-5', f'"{at}"', '1e20', '1e400', '9223372036854775807', '-0', '-62135596800'],
                  'logIndex': ['null', '-1', '1e18', '1e20', '9007199254740993', '9223372036854775807', '1.5', '"1"', '1E-7', '-9223372036854775808'],
                  'logID': ['null', '""', '1', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"/\\/\u2028\\b\\u007f"', '{}', '"\\"\\\\"']}
        fields[name] = rng.choice(values[name])
    pairs = list(fields.items())
    outer_odd = rng.randrange(11) if where == 3 else -1
    if outer_odd == 0:
        pairs.append(rng.choice([('extra', '1'), ('body', '"x"'), ('logId', '"x"')]))
    elif outer_odd == 1:
        pairs.pop(rng.randrange(4))
    elif outer_odd == 2:
        rng.shuffle(pairs)
    text = members(pairs, rng.choice(['', ' ', '\t', '\n']))
    try:
        signed = canonical(json.loads(text)).encode('utf-8', 'surrogatepass')
    except (ValueError, OverflowError):
        signed = text.encode()
    if outer_odd == 3:
        signed = text.encode() if signed != text.encode() else signed + b' '
    elif outer_odd == 4:
        signed_by = rng.choice(logs)
    made = signed_by.sign(signed)
    timestamp = json.dumps(b64(made))
    if outer_odd == 5:
        made = rng.choice([made + b'\0', made[:-1], b'\x30\x81' + made[1:], b'', made[:9] + bytes([made[9] ^ 1]) + made[10:]])
        timestamp = json.dumps(b64(made))
    elif outer_odd == 6:
        timestamp = rng.choice([json.dumps(list(made)), 'null', json.dumps(b64(made)[:5] + '\n' + b64(made)[5:]), json.dumps(b64(made).rstrip('=')), json.dumps([*made[:3], 256]), '""'])
    outer = [('SignedEntryTimestamp', timestamp), ('Payload', text)]
    if outer_odd == 7:
        outer[rng.randrange(2)] = rng.choice([('payload', text), ('signedEntryTimestamp', timestamp), ('Payload', 'null'), ('Payload', '[]')])
    elif outer_odd == 8:
        outer.append(rng.choice([('extra', '1'), ('Payload', text), ('payload', text)]))
    elif outer_odd == 9:
        outer.reverse()
    whole = members(outer, rng.choice(['', ' ']))
    return whole + (rng.choice([' \n', 'x', '{}']) if outer_odd == 10 else ''), log
