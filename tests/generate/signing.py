"""Keys and signatures in plain Python, the same for the same seed: slow, and for tests alone."""
import hashlib

# --- P-256 ------------------------------------------------------------------------------------------------------------

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)


def double(point):
    x, y, z = point
    m = 3 * (x - z * z) * (x + z * z) % P
    s = 4 * x * y * y % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * pow(y, 4, P)) % P, 2 * y * z % P


def add(a, b):
    """In Jacobian coordinates; b is affine and not a."""
    if a is None:
        return b[0], b[1], 1
    x, y, z = a
    zz = z * z % P
    h, r = (b[0] * zz - x) % P, (b[1] * zz * z - y) % P
    hh = h * h % P
    x3 = (r * r - hh * h - 2 * x * hh) % P
    return x3, (r * (x * hh - x3) - y * hh * h) % P, z * h % P


def affine(point):
    inverse = pow(point[2], -1, P)
    return point[0] * inverse * inverse % P, point[1] * pow(inverse, 3, P) % P


def table():
    """Multiples of G by each value of each byte of a number."""
    rows, base = [], G
    for _ in range(32):
        row, point = [None, base], double((*base, 1))
        for _ in range(254):
            row.append(affine(point))
            point = add(point, base)
        rows.append(row)
        base = affine(point)
    return rows


MULTIPLES = table()


def times_g(k):
    point = None
    for i in range(32):
        if k >> 8 * i & 0xff:
            point = add(point, MULTIPLES[i][k >> 8 * i & 0xff])
    return affine(point)


# --- DER --------------------------------------------------------------------------------------------------------------

def length_of(n):
    if n < 0x80:
        return bytes([n])
    octets = n.to_bytes((n.bit_length() + 7) // 8, 'big')
    return bytes([0x80 | len(octets)]) + octets


def tlv(tag, content):
    return bytes([tag]) + length_of(len(content)) + content


def integer(n):
    return tlv(2, n.to_bytes(n.bit_length() // 8 + 1 if n >= 0 else (n + 1).bit_length() // 8 + 1, 'big', signed=True))


def oid(text):
    arcs = [int(arc) for arc in text.split('.')]
    out = b''
    for arc in [arcs[0] * 40 + arcs[1], *arcs[2:]]:
        groups = [arc & 0x7f]
        while arc > 0x7f:
            arc >>= 7
            groups.append(0x80 | arc & 0x7f)
        out += bytes(reversed(groups))
    return tlv(6, out)


# --- keys -------------------------------------------------------------------------------------------------------------

class EcKey:
    kind = 'ec'

    def __init__(self, rng):
        self.rng, self.d = rng, rng.randrange(1, N)
        x, y = times_g(self.d)
        self.point = b'\4' + x.to_bytes(32, 'big') + y.to_bytes(32, 'big')
        self.spki = tlv(0x30, tlv(0x30, oid('1.2.840.10045.2.1') + oid('1.2.840.10045.3.1.7')) + tlv(3, b'\0' + self.point))

    def sign(self, message, digest='sha256', _pss=False):
        e = int.from_bytes(hashlib.new(digest, message).digest()[:32], 'big')
        k = self.rng.randrange(1, N)
        r = times_g(k)[0] % N
        s = pow(k, -1, N) * (e + r * self.d) % N
        return tlv(0x30, integer(r) + integer(s))


def is_prime(n, rng):
    if any(n % p == 0 for p in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    s = ((n - 1) & (1 - n)).bit_length() - 1
    for _ in range(8):
        x = pow(rng.randrange(2, n), n >> s, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(bits, rng):
    while True:
        n = rng.getrandbits(bits) | 1 | 3 << (bits - 2)
        if n % 65537 != 1 and n % 3 != 1 and is_prime(n, rng):
            return n


PREFIX = {'sha1': '3021300906052b0e03021a05000414', 'sha256': '3031300d060960864801650304020105000420',
          'sha384': '3041300d060960864801650304020205000430', 'sha512': '3051300d060960864801650304020305000440'}


class RsaKey:
    kind = 'rsa'

    def __init__(self, rng, bits=1024, e=65537):
        p, q = prime(bits // 2, rng), prime(bits - bits // 2, rng)
        self.rng, self.n, self.e, self.d = rng, p * q, e, pow(e, -1, (p - 1) * (q - 1))
        self.size = (self.n.bit_length() + 7) // 8
        self.public = tlv(0x30, integer(self.n) + integer(e))
        self.spki = tlv(0x30, tlv(0x30, oid('1.2.840.113549.1.1.1') + b'\5\0') + tlv(3, b'\0' + self.public))

    def sign(self, message, digest='sha256', pss=False, salt=None):
        h = hashlib.new(digest, message).digest()
        if pss:
            salt = self.rng.randbytes(len(h) if salt is None else salt)
            h = hashlib.new(digest, bytes(8) + h + salt).digest()
            bits = self.n.bit_length() - 1
            size = (bits + 7) // 8
            data = bytes(size - len(salt) - len(h) - 2) + b'\1' + salt
            mask = b''.join(hashlib.new(digest, h + i.to_bytes(4, 'big')).digest() for i in range(size // len(h) + 1))
            data = bytes(a ^ b for a, b in zip(data, mask))
            data = bytes([data[0] & 0xff >> (8 * size - bits)]) + data[1:]
            block = data + h + b'\xbc'
        else:
            info = bytes.fromhex(PREFIX[digest]) + h
            block = b'\0\1' + b'\xff' * (self.size - len(info) - 3) + b'\0' + info
        return pow(int.from_bytes(block, 'big'), self.d, self.n).to_bytes(self.size, 'big')


# --- Ed25519 (RFC 8032) -----------------------------------------------------------------------------------------------

Q = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q


def ed_add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % Q, (a[1] + a[0]) * (b[1] + b[0]) % Q
    g, h = 2 * a[3] * b[3] * D % Q, 2 * a[2] * b[2] % Q
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % Q, g * h % Q, f * g % Q, e * h % Q


def ed_times(k):
    y = 4 * pow(5, -1, Q) % Q
    x = 15112221349535400772501151409588531511454012693041857206046113283949847762202
    point, out = (x, y, 1, x * y % Q), (0, 1, 1, 0)
    while k:
        if k & 1:
            out = ed_add(out, point)
        point, k = ed_add(point, point), k >> 1
    inverse = pow(out[2], -1, Q)
    return (out[1] * inverse % Q | (out[0] * inverse % Q & 1) << 255).to_bytes(32, 'little')


class EdKey:
    kind = 'ed'

    def __init__(self, rng):
        h = hashlib.sha512(rng.randbytes(32)).digest()
        self.a, self.prefix = int.from_bytes(h[:32], 'little') & (1 << 254) - 8 | 1 << 254, h[32:]
        self.public = ed_times(self.a)
        self.spki = tlv(0x30, tlv(0x30, oid('1.3.101.112')) + tlv(3, b'\0' + self.public))

    def sign(self, message, _digest=None, _pss=False):
        r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), 'little') % L
        point = ed_times(r)
        k = int.from_bytes(hashlib.sha512(point + self.public + message).digest(), 'little')
        return point + ((r + k * self.a) % L).to_bytes(32, 'little')
