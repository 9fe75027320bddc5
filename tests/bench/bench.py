#!/usr/bin/env python3
"""Measures the rows of the table below, ours and the peer's by turns, and prints medians. Started by contrib/bench.

usage: bench.py [--runs N] [--json | --markdown] [--only TEXT] [--no-instructions] NAME=VALUE...
                                                                        names are those in braces below
"""
import argparse
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys


class Row:
    """One line of the table: our command, the peer's and the floor if there are such, and what is aimed at.

    floor    the least that it could cost: a program that does what cannot be left out, and nothing else
    per      the command does this many things: wall, CPU and instructions are for each
    printed  the command prints the microseconds itself, and is not measured from outside
    fresh    a path that is removed before each run
    needs    a value without which the row is not measured
    short    its name in the table of README.md, where it is in that
    """
    def __init__(self, name, ours, peer=None, aims=(), peer_name='skopeo', floor=None, floor_name=None, per=1, printed=False,
                 fresh=None, needs=None, short=None):
        self.name, self.ours, self.peer, self.aims, self.peer_name = name, ours, peer, aims, peer_name
        self.floor, self.floor_name, self.short = floor, floor_name, short
        self.per, self.printed, self.fresh, self.needs = per, printed, fresh, needs


class Aim:
    """met(ours, of) is asked where the side that it is about was measured: the peer, the floor, or neither."""
    def __init__(self, text, met, about='peer'):
        self.text, self.met, self.about = text, met, about


def faster(times):
    return Aim(f'{times:g} times faster', lambda ours, peer: peer['wall_ms'] / ours['wall_ms'] >= times)


def smaller(times):
    return Aim(f'1/{times:g} of its memory', lambda ours, peer:
               ours.get('memory_kib') and peer.get('memory_kib') and peer['memory_kib'] / ours['memory_kib'] >= times)


def no_slower():
    return Aim('no slower, in wall and CPU', lambda ours, peer: ours['wall_ms'] <= peer['wall_ms'] and ours['cpu_ms'] <= peer['cpu_ms'])


def near(times):
    return Aim(f'at most {times:g} times its time', lambda ours, peer: ours['wall_ms'] <= times * peer['wall_ms'])


def within(milliseconds):
    return Aim(f'under {milliseconds:g} ms', lambda ours, _: ours['wall_ms'] < milliseconds, None)


def cpu_within(milliseconds):
    return Aim(f'at most {milliseconds:g} ms of CPU', lambda ours, _: ours['cpu_ms'] <= milliseconds, None)


def above_floor(milliseconds):
    return Aim(f'CPU within {milliseconds:g} ms of the floor', lambda ours, floor: ours['cpu_ms'] <= floor['cpu_ms'] + milliseconds,
               'floor')


def of_floor(percent):
    return Aim(f'{percent:g} % of the rate of the floor', lambda ours, floor: floor['cpu_ms'] / ours['cpu_ms'] >= percent / 100, 'floor')


VERIFY = '{sigpolicy} verify --policy {policy} --registries.d {registries_d}'
COPY = '{skopeo} --policy {policy} --registries.d {registries_d} copy --quiet dir:{image} dir:{out}'
SIGSTORE, SIGSTORE_COPY = (text.replace('{policy}', '{sigstore_policy}').replace('{image}', '{sigstore}') for text in (VERIFY, COPY))
ON_REGISTRY = '--policy {registry_policy} --registries.d {registry_d}'
REGISTRY, REGISTRY_COPY = ('{sigpolicy} verify --tls-verify=false ' + ON_REGISTRY,
                           '{skopeo} ' + ON_REGISTRY + ' copy --quiet --src-tls-verify=false docker://{registry}/bench/app:v1 dir:{out}')
STORED = '{sigpolicy} verify --policy {stored_policy} --jobs {cpus} --all-local'
HOOK = ("/bin/sh -c '{{sigpolicy}} hook oci --log none --policy {{stored_policy}} --store [overlay@{{store}}-{count}] "
        "<{{store}}-{count}/config.json'")
ANY, ANY_COPY = '{sigpolicy} verify --policy {accept}', '{skopeo} --policy {accept} copy --quiet'
STANDALONE = 'standalone-verify {image}/manifest.json {reference} {fingerprint} {image}/signature-1'

TLS = '--cert-dir {certs} ' + ON_REGISTRY
SIGNER = ('--certificate-identity https://build.example/ns/app/.ci/release.yml@refs/heads/main '
          '--certificate-oidc-issuer https://issuer.example --trusted-root {bundles}/trusted_root.json {bundles}/artifact.txt')

OPENSSL = '{openssl_verify} {cosign_key} {payload}.sig {payload}'
EMPTY = {'floor': '{empty}', 'floor_name': 'an empty program'}
ONE_SIGNATURE = {'floor': OPENSSL, 'floor_name': 'OpenSSL, one P-256 signature'}
SIGNATURES = {'floor': OPENSSL + ' 10000', 'floor_name': 'OpenSSL, as many P-256 signatures', 'per': 10000}
GPGV = {'floor': '{gpgv} --keyring {key} --output {out} {image}/signature-1', 'floor_name': 'gpgv', 'fresh': '{out}'}

ROWS = [
    Row('a program that links the library and does nothing', '{in_process} floor', **EMPTY),
    Row('verify dir:, no signature needed', ANY + ' dir:{image}', ANY_COPY + ' dir:{image} dir:{out}', (above_floor(2), smaller(3)),
        fresh='{out}', short='an image that needs no signature', **EMPTY),
    Row('verify dir:, signedBy', VERIFY + ' dir:{image}', COPY, (faster(10), cpu_within(7), smaller(3)),
        short='an image directory, signed with GPG', **GPGV),
    Row('verify --manifest --signature, signedBy',
        VERIFY + ' --manifest {image}/manifest.json --signature {image}/signature-1 --reference docker://{reference}',
        COPY, (faster(10), cpu_within(7), smaller(3)), short='the same as plain files', **GPGV),
    Row('verify dir:, sigstoreSigned', SIGSTORE + ' dir:{sigstore}', SIGSTORE_COPY, (faster(8), smaller(3)), fresh='{out}',
        short='an image directory, signed with cosign', **ONE_SIGNATURE),
    Row('verify-bundle, a certificate with a log', '{sigpolicy} verify-bundle --bundle {bundles}/certificate-file.json ' + SIGNER,
        '{cosign} verify-blob --bundle {bundles}/certificate-file.json ' + SIGNER, (faster(8), smaller(6)), peer_name='cosign',
        short='a Sigstore bundle with a certificate and a log', **ONE_SIGNATURE),
    Row('verify --batch, 10,000 bundles, each', '{sigpolicy} verify --policy {bundle_policy} --bundles digest --quiet --batch {bundle_batch} --jobs 1',
        **SIGNATURES),
    Row('verify oci:', ANY + ' oci:{layout}', ANY_COPY + ' oci:{layout} dir:{out}', (faster(3), smaller(3)), fresh='{out}', needs='layout'),
    Row('verify oci-archive:', ANY + ' oci-archive:{layout}.tar', ANY_COPY + ' oci-archive:{layout}.tar dir:{out}',
        (faster(3), smaller(3)), fresh='{out}', needs='layout'),
    Row('verify oci-archive:, compressed', ANY + ' oci-archive:{layout}.tar.gz', ANY_COPY + ' oci-archive:{layout}.tar.gz dir:{out}',
        (faster(1),), fresh='{out}', needs='layout'),
    Row('verify docker-archive:', ANY + ' docker-archive:{layout}-docker.tar', ANY_COPY + ' docker-archive:{layout}-docker.tar dir:{out}',
        (faster(3), smaller(3)), fresh='{out}', needs='layout'),
    Row('standalone-verify', '{sigpolicy} ' + STANDALONE, '{skopeo} ' + STANDALONE, (faster(2.5), smaller(3))),
    Row('standalone-verify --public-key-file',
        '{sigpolicy} standalone-verify --public-key-file {key} ' + STANDALONE.partition(' ')[2],
        '{skopeo} standalone-verify --public-key-file {key} ' + STANDALONE.partition(' ')[2], (faster(10), cpu_within(7), smaller(3)),
        short='`standalone-verify --public-key-file`', **GPGV),
    Row('manifest-digest', '{sigpolicy} manifest-digest {image}/manifest.json',
        '{skopeo} manifest-digest {image}/manifest.json', (smaller(3),), **EMPTY),
    Row('explain', '{sigpolicy} explain --policy {policy} --registries.d {registries_d} docker://{reference}', **EMPTY),
    Row('verify --batch, 5000 images, 10 keyrings, signedBy, each', '{sigpolicy} verify --policy {keyrings_policy} --registries.d {registries_d} '
        '--quiet --batch {keyrings_batch} --jobs {cpus}', aims=(cpu_within(.25),), per=5000, short='one of 5,000, signed with GPG by 10 keyrings'),
    Row('verify --batch, 10,000 images, sigstoreSigned, each', SIGSTORE + ' --batch {sigstore_batch} --jobs {cpus}', aims=(of_floor(65),),
        short='one of 10,000, signed with cosign', **SIGNATURES),
    Row('verify --all-local, 100 stored, sigstoreSigned, each', STORED + ' [overlay@{store}-100]', per=100),
    Row('verify --all-local, 1000 stored, sigstoreSigned, each', STORED + ' [overlay@{store}-1000]', per=1000),
    Row('hook oci, a start, 100 stored, sigstoreSigned', HOOK.format(count=100)),
    Row('hook oci, a start, 1000 stored, sigstoreSigned', HOOK.format(count=1000)),
    Row('verify docker://, signedBy', REGISTRY + ' docker://{registry}/bench/app:v1', REGISTRY_COPY, (faster(2),),
        fresh='{out}', needs='registry'),
    Row('verify docker://, signedBy, over verified TLS', '{sigpolicy} verify ' + TLS + ' docker://{tls_registry}/bench/app:v1',
        '{skopeo} ' + ON_REGISTRY + ' copy --quiet --src-cert-dir {certs} docker://{tls_registry}/bench/app:v1 dir:{out}',
        (faster(2),), fresh='{out}', needs='tls_registry', short='an image on a registry, over TLS'),
    Row('verify docker://, any; inspect --raw', REGISTRY.replace('{registry_policy}', '{accept}') + ' docker://{registry}/bench/app:v1',
        '{skopeo} inspect --raw --tls-verify=false docker://{registry}/bench/app:v1', (no_slower(),), needs='registry'),
    Row('the same, over verified TLS', '{sigpolicy} verify ' + TLS.replace('{registry_policy}', '{accept}') + ' docker://{tls_registry}/bench/app:v1',
        '{skopeo} inspect --raw --cert-dir {certs} docker://{tls_registry}/bench/app:v1', (no_slower(),), needs='tls_registry',
        short='the same unsigned, beside `skopeo inspect --raw`'),
    Row('verify --batch, 100 images on a registry, each', REGISTRY + ' --batch {registry_batch} --jobs {cpus}', per=100,
        needs='registry'),
    Row('verify --all-platforms, 1000 images, each', ANY + ' --all-platforms dir:{platforms}', per=1000),
    Row('verify dir:, 10,000 scopes in the policy', VERIFY.replace('{policy}', '{large_policy}') + ' dir:{image}',
        COPY.replace('{policy}', '{large_policy}'), (faster(3),), fresh='{out}', short='a policy of 10,000 scopes, signed with GPG'),
    Row('audit, 10,000 scopes and 100 keys', '{sigpolicy} audit --quiet --policy {audited_policy} --disable key-writable',
        aims=(within(500),)),
    Row('policy of 10,000 scopes: loaded, in process', '{in_process} load {large_policy}', aims=(within(20),), printed=True),
    Row('policy of 10,000 scopes: a question, in process', '{in_process} explain {large_policy} docker://{reference}',
        '{in_process} explain {policy} docker://{reference}', (near(2),), peer_name='2 scopes', printed=True),
]

# What skopeo and sigpolicy say of a verb or option that they do not have.
UNKNOWN = ('unknown verb', 'unknown command', 'unknown option', 'unknown flag', 'has no option', 'not an option', 'does not take')


class NotMeasured(Exception):
    pass


class NotThere(NotMeasured):
    """What would be measured does not exist; anything else is a fault where it is ours."""


class Bench:
    def __init__(self, values, runs, valgrind):
        self.values, self.runs, self.valgrind, self.failed = values, runs, valgrind, False

    def command(self, template):
        """A peer may be several words: a loader, say, and what it loads."""
        first, *rest = shlex.split(template)
        return (shlex.split(first.format(**self.values)) or ['']) + [word.format(**self.values) for word in rest]

    def run(self, row, template, *before, seconds=None):
        """The command, after what starts it."""
        if row.fresh:
            fresh = row.fresh.format(**self.values)
            shutil.rmtree(fresh, ignore_errors=True)
            if os.path.exists(fresh):
                os.unlink(fresh)
        command = self.command(template)
        if not os.access(command[0], os.X_OK):
            raise NotThere(f'{command[0] or row.peer_name} is not installed')
        return subprocess.run([*before, *command], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace',
                              timeout=seconds)

    def start(self, row, template, memory=False):
        """One run; the numbers that it or the measuring program printed."""
        run = self.run(row, template, *([] if row.printed else [self.values['measure'], *(['-m'] if memory else [])]))
        words = run.stdout.split()
        status = run.returncode if row.printed or run.returncode else int(words.pop(0))
        if status:
            said = (run.stderr.strip().splitlines() or ['nothing'])[0]
            if any(text in said for text in UNKNOWN):
                raise NotThere(f'not there: {said}')
            raise NotMeasured(f'exit status {status}: {said}')
        return [float(word) for word in words]

    def instructions(self, row, template):
        """Of all its processes, in user space; None where it does not run under valgrind, as Go's programs do not."""
        try:
            run = self.run(row, template, self.valgrind, '--tool=callgrind', '--trace-children=yes', '--callgrind-out-file=/dev/null',
                           seconds=900)
        except subprocess.TimeoutExpired:
            return None
        counts = [int(count) for count in re.findall(r'^==\d+== Collected : (\d+)', run.stderr, re.MULTILINE)]
        return sum(counts) if counts and run.returncode == 0 else None

    def sides(self, row):
        """Each side's command that can be measured, and why others cannot."""
        sides, why = {}, {}  # ours and the peer's reason is one: without ours, nothing is measured
        for side, template in (('ours', row.ours), ('peer', row.peer), ('floor', row.floor)):
            if not template:
                continue
            try:
                if row.needs and not self.values.get(row.needs):
                    raise NotThere(f'{row.needs} is missing')
                self.start(row, template)
                sides[side] = template
            except NotMeasured as error:
                why['floor_not_measured' if side == 'floor' else 'not_measured'] = str(error)
                if side == 'ours':
                    self.failed = self.failed or not isinstance(error, NotThere)
                    return {}, why
        return sides, why

    def measure(self, row):
        result = {'name': row.name, **({'peer_name': row.peer_name} if row.peer else {}),
                  **({'floor_name': row.floor_name} if row.floor else {}), **({'short': row.short} if row.short else {})}
        sides, why = self.sides(row)
        result.update(why)
        times = {side: [] for side in sides}
        try:
            for number in range(self.runs):
                # By turns, and each as often early as late.
                for side in list(sides)[::-1 if number % 2 else 1]:
                    times[side].append(self.start(row, sides[side]))
        except NotMeasured as error:
            self.failed = True
            return {**result, 'not_measured': f'in run {number + 1}: {error}'}
        for side, samples in times.items():
            result[side] = self.numbers(row, sides[side], [statistics.median(column) for column in zip(*samples)])
        ours, peer = result.get('ours'), result.get('peer')
        if peer:
            result['ratio'] = {key: round(peer[key] / ours[key], 2) for key in ours if peer.get(key) and ours[key]}
        if ours:
            result['aims'] = [{'aim': aim.text, 'met': bool(aim.met(ours, result.get(aim.about)))} for aim in row.aims
                              if not aim.about or aim.about in result]
        return result

    def numbers(self, row, template, medians):
        """Of one side: what was measured, and what is counted once."""
        numbers = {'wall_ms': round(medians[0] / 1000 / row.per, 4)}
        if row.printed:
            return numbers
        numbers['cpu_ms'] = round(medians[1] / 1000 / row.per, 4)
        if self.valgrind:
            count = self.instructions(row, template)
            numbers['instructions'] = None if count is None else round(count / row.per)
        try:
            peaks = [statistics.median(column) for column in
                     zip(*(self.start(row, template, True) for _ in range(min(self.runs, 3))))]
            numbers.update(zip(('memory_kib', 'largest_kib', 'processes'), map(int, peaks)))
        except NotMeasured as error:
            numbers['memory_not_measured'] = str(error)
        return numbers


def number(value, scale=1.0):
    value = None if value is None else value / scale
    return '-' if value is None else f'{value:.1f}' if value >= 1 else f'{value:.3f}'


def table(results):
    layout = '{:<57}' + '{:>8}{:>8}{:>8}{:>7}' + '{:>10}{:>8}{:>8}' + '{:>10}{:>8}{:>8}' + '{:>9}{:>7}{:>8}{:>7}  {}'
    lines = [layout.format('', 'wall, ms', '', '', '', 'CPU, ms', '', '', 'M instr.', '', '', 'MiB', '', '', '', '').rstrip(),
             layout.format('', *('ours', 'peer', 'floor'), 'ratio', *('ours', 'peer', 'floor') * 2, *('ours', 'tree', 'peer', 'ratio'), 'aim')]
    for result in results:
        ours, peer, floor, ratio = (result.get(key, {}) for key in ('ours', 'peer', 'floor', 'ratio'))
        aims = '; '.join(f'{aim["aim"]}: {"met" if aim["met"] else "NOT MET"}' for aim in result.get('aims', []))
        if not ours:
            lines.append(f'{result["name"]:<57}   not measured: {result["not_measured"]}')
            continue
        lines.append(layout.format(
            result['name'], *(number(side.get('wall_ms')) for side in (ours, peer, floor)), number(ratio.get('wall_ms')),
            *(number(side.get('cpu_ms')) for side in (ours, peer, floor)),
            *(number(side.get('instructions'), 1e6) for side in (ours, peer, floor)),
            number(ours.get('memory_kib'), 1024), number(ours.get('largest_kib'), 1024),
            number(peer.get('memory_kib'), 1024), number(ratio.get('memory_kib')), aims).rstrip())
        for key, name in (('not_measured', 'peer_name'), ('floor_not_measured', 'floor_name')):
            if key in result:
                lines.append(f'{"":<57}   {result[name]} not measured: {result[key]}')
        if 'memory_not_measured' in ours:
            lines.append(f'{"":<57}   memory not measured: {ours["memory_not_measured"]}')
    return '\n'.join(lines)


def markdown(results):
    """The table of README.md: one place for each number, and what is beside it."""
    lines = ['| | sigpolicy | beside | times faster | CPU | the floor: CPU | instructions | memory |',
             '|---|--:|---|--:|--:|---|--:|--:|']
    for result in results:
        ours, peer, floor = (result.get(key, {}) for key in ('ours', 'peer', 'floor'))
        if not ours or 'short' not in result:
            continue
        beside = f'{result["peer_name"]}: {number(peer["wall_ms"])} ms' if peer else ''
        below = f'{result["floor_name"]}: {number(floor["cpu_ms"])} ms' if floor else ''
        ratio = number(result['ratio']['wall_ms']) if peer else ''
        count = f'{number(ours["instructions"], 1e6)} M' if ours.get('instructions') else ''
        lines.append(f'| {result["short"]} | {number(ours["wall_ms"])} ms | {beside} | {ratio} | {number(ours["cpu_ms"])} ms | {below} | '
                     f'{count} | {number(ours.get("memory_kib"), 1024)} MiB |')
    return '\n'.join(lines)


def version(command, argument='--version', words='.*'):
    """The first of these words that it says; None where it is not there."""
    try:
        said = re.search(words, subprocess.run([*shlex.split(command), argument], capture_output=True, text=True).stdout)
        return said and said[0]
    except OSError:
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--runs', type=int, default=11)
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--markdown', action='store_true')
    parser.add_argument('--no-instructions', action='store_true')
    parser.add_argument('--only', default='')
    parser.add_argument('values', nargs='*')
    arguments = parser.parse_args()
    values = dict(value.split('=', 1) for value in arguments.values)
    values['cpus'] = str(len(os.sched_getaffinity(0)))
    valgrind = None if arguments.no_instructions else shutil.which('valgrind')
    bench, load = Bench(values, arguments.runs, valgrind), round(os.getloadavg()[0], 2)
    results = []
    for row in ROWS:
        if arguments.only in row.name:
            if sys.stderr.isatty():
                print(f'... {row.name}', file=sys.stderr)
            results.append(bench.measure(row))
    cosign = version(values['cosign'], 'version', r'v[0-9]+\.[0-9.]+') if values['cosign'] else None
    about = {'runs': arguments.runs, 'cpus': int(values['cpus']), 'kernel': os.uname().release, 'machine': os.uname().machine,
             'load_average': load, 'measured': values['measured'],
             'skopeo': version(values['skopeo']) if values['skopeo'] else None,
             'cosign': f'cosign {cosign or "of an unknown version"}' if values['cosign'] else None, 'gpg': version('gpg')}
    if arguments.json:
        print(json.dumps({'schema': 'sigpolicy-bench/1', **about, 'rows': results}, indent=2))
        return 1 if bench.failed else 0
    where = (f'{values["measured"]}; {about["skopeo"] or "no skopeo"}; {about["cosign"] or "no cosign"}; {about["gpg"]}; '
             f'{about["machine"]}, {about["cpus"]} CPUs, Linux {about["kernel"]}, load {load}')
    if arguments.markdown:
        print(f'{markdown(results)}\n\n{where}; medians of {arguments.runs} runs, by turns.')
    else:
        print(where)
        print(f'medians of {arguments.runs} runs, by turns; a ratio is peer / ours; tree: the largest process started; instructions are '
              'those of user space\n')
        print(table(results))
    return 1 if bench.failed else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
