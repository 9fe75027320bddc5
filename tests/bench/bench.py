#!/usr/bin/env python3
"""Measures the rows of the table below, ours and the peer's by turns, and prints medians. Started by contrib/bench.

usage: bench.py [--runs N] [--json] [--only TEXT] NAME=VALUE...     names are those in braces below
"""
import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys


class Row:
    """One line of the table: our command, the peer's if there is one, and what is aimed at.

    per      the command does this many things: wall and CPU are for each
    printed  the command prints the microseconds itself, and is not measured from outside
    fresh    a path that is removed before each run
    needs    a value without which the row is not measured
    """
    def __init__(self, name, ours, peer=None, aims=(), peer_name='skopeo', per=1, printed=False, fresh=None, needs=None):
        self.name, self.ours, self.peer, self.aims, self.peer_name = name, ours, peer, aims, peer_name
        self.per, self.printed, self.fresh, self.needs = per, printed, fresh, needs


class Aim:
    def __init__(self, text, met):
        self.text, self.met = text, met


def faster(times):
    return Aim(f'{times:g} times faster', lambda ours, peer: peer and peer['wall_ms'] / ours['wall_ms'] >= times)


def smaller(times):
    return Aim(f'1/{times:g} of its memory', lambda ours, peer:
               peer and ours.get('memory_kib') and peer.get('memory_kib') and peer['memory_kib'] / ours['memory_kib'] >= times)


def within(milliseconds):
    return Aim(f'under {milliseconds:g} ms', lambda ours, peer: ours['wall_ms'] < milliseconds)


def within_of(milliseconds):
    return Aim(f'within {milliseconds:g} ms of it', lambda ours, peer: peer and ours['wall_ms'] <= peer['wall_ms'] + milliseconds)


def near(times):
    return Aim(f'at most {times:g} times its time', lambda ours, peer: peer and ours['wall_ms'] <= times * peer['wall_ms'])


VERIFY = '{sigpolicy} verify --policy {policy} --registries.d {registries_d}'
COPY = '{skopeo} --policy {policy} --registries.d {registries_d} copy --quiet dir:{image} dir:{out}'
SIGSTORE, SIGSTORE_COPY = (text.replace('{policy}', '{sigstore_policy}').replace('{image}', '{sigstore}') for text in (VERIFY, COPY))
ON_REGISTRY = '--policy {registry_policy} --registries.d {registry_d}'
REGISTRY, REGISTRY_COPY = ('{sigpolicy} verify --tls-verify=false ' + ON_REGISTRY,
                           '{skopeo} ' + ON_REGISTRY + ' copy --quiet --src-tls-verify=false docker://{registry}/bench/app:v1 dir:{out}')
STORED = '{sigpolicy} verify --policy {stored_policy} --jobs {cpus} --all-local'
ANY, ANY_COPY = '{sigpolicy} verify --policy {accept}', '{skopeo} --policy {accept} copy --quiet'
STANDALONE = 'standalone-verify {image}/manifest.json {reference} {fingerprint} {image}/signature-1'

ROWS = [
    Row('floor: links what we link, does nothing', '{in_process} floor'),
    Row('verify dir:, signedBy', VERIFY + ' dir:{image}', COPY, (faster(3), smaller(3)), fresh='{out}'),
    Row('verify --manifest --signature, signedBy',
        VERIFY + ' --manifest {image}/manifest.json --signature {image}/signature-1 --reference docker://{reference}',
        COPY, (faster(3), smaller(3)), fresh='{out}'),
    Row('verify dir:, sigstoreSigned', SIGSTORE + ' dir:{sigstore}', SIGSTORE_COPY, (faster(4), smaller(3)), fresh='{out}'),
    Row('verify dir:, sigstoreSigned, and bare OpenSSL', SIGSTORE + ' dir:{sigstore}',
        '{openssl_verify} {cosign_key} {payload}.sig {payload}', (within_of(1),), peer_name='OpenSSL'),
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
        '{skopeo} standalone-verify --public-key-file {key} ' + STANDALONE.partition(' ')[2], (faster(2.5), smaller(3))),
    Row('manifest-digest', '{sigpolicy} manifest-digest {image}/manifest.json',
        '{skopeo} manifest-digest {image}/manifest.json', (smaller(3),)),
    Row('explain', '{sigpolicy} explain --policy {policy} --registries.d {registries_d} docker://{reference}'),
    Row('verify --batch, 100 images, signedBy, each', VERIFY + ' --batch {batch} --jobs {cpus}', per=100),
    Row('verify --batch, 1000 images, sigstoreSigned, each', SIGSTORE + ' --batch {sigstore_batch} --jobs {cpus}', per=1000),
    Row('verify --all-local, 100 stored, sigstoreSigned, each', STORED + ' [overlay@{store}-100]', per=100),
    Row('verify --all-local, 1000 stored, sigstoreSigned, each', STORED + ' [overlay@{store}-1000]', per=1000),
    Row('verify docker://, signedBy', REGISTRY + ' docker://{registry}/bench/app:v1', REGISTRY_COPY, (faster(2),),
        fresh='{out}', needs='registry'),
    Row('verify docker://, any; inspect --raw', REGISTRY.replace('{registry_policy}', '{accept}') + ' docker://{registry}/bench/app:v1',
        '{skopeo} inspect --raw --tls-verify=false docker://{registry}/bench/app:v1', (near(1),), needs='registry'),
    Row('verify --batch, 100 images on a registry, each', REGISTRY + ' --batch {registry_batch} --jobs {cpus}', per=100,
        needs='registry'),
    Row('verify dir:, 10,000 scopes in the policy', VERIFY.replace('{policy}', '{large_policy}') + ' dir:{image}',
        COPY.replace('{policy}', '{large_policy}'), (faster(3),), fresh='{out}'),
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
    def __init__(self, values, runs):
        self.values, self.runs, self.failed = values, runs, False

    def command(self, template):
        return [word.format(**self.values) for word in shlex.split(template)]

    def start(self, row, template, memory=False):
        """One run; the numbers that it or the measuring program printed."""
        if row.fresh:
            shutil.rmtree(row.fresh.format(**self.values), ignore_errors=True)
        command = self.command(template)
        if not os.access(command[0], os.X_OK):
            raise NotThere(f'{command[0] or row.peer_name} is not installed')
        if not row.printed:
            command = [self.values['measure'], *(['-m'] if memory else []), *command]
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace')
        words = run.stdout.split()
        status = run.returncode if row.printed or run.returncode else int(words.pop(0))
        if status:
            said = (run.stderr.strip().splitlines() or ['nothing'])[0]
            if any(text in said for text in UNKNOWN):
                raise NotThere(f'not there: {said}')
            raise NotMeasured(f'exit status {status}: {said}')
        return [float(word) for word in words]

    def sides(self, row):
        """Each side's command that can be measured, and why the other cannot."""
        sides, why = {}, None
        for side, template in (('ours', row.ours), ('peer', row.peer)):
            if not template:
                continue
            try:
                if row.needs and not self.values.get(row.needs):
                    raise NotThere(f'{row.needs} is missing')
                self.start(row, template)
                sides[side] = template
            except NotMeasured as error:
                why = str(error)
                if side == 'ours':
                    self.failed = self.failed or not isinstance(error, NotThere)
                    return {}, why
        return sides, why

    def measure(self, row):
        result = {'name': row.name, **({'peer_name': row.peer_name} if row.peer else {})}
        sides, why = self.sides(row)
        if why:
            result['not_measured'] = why
        times = {side: [] for side in sides}
        try:
            for number in range(self.runs):
                # By turns, and each as often the first as the second.
                for side in sorted(sides, reverse=number % 2 == 1):
                    times[side].append(self.start(row, sides[side]))
        except NotMeasured as error:
            self.failed = True
            return {**result, 'not_measured': f'in run {number + 1}: {error}'}
        for side, samples in times.items():
            columns = [statistics.median(column) for column in zip(*samples)]
            result[side] = {'wall_ms': round(columns[0] / 1000 / row.per, 4)}
            if not row.printed:
                result[side]['cpu_ms'] = round(columns[1] / 1000 / row.per, 4)
                try:
                    peaks = [statistics.median(column) for column in
                             zip(*(self.start(row, sides[side], True) for _ in range(min(self.runs, 3))))]
                    result[side].update(zip(('memory_kib', 'largest_kib', 'processes'), map(int, peaks)))
                except NotMeasured as error:
                    result['memory_not_measured'] = str(error)
        ours, peer = result.get('ours'), result.get('peer')
        if peer:
            result['ratio'] = {key: round(peer[key] / ours[key], 2) for key in ours if peer.get(key) and ours[key]}
        if ours:
            result['aims'] = [{'aim': aim.text, 'met': bool(aim.met(ours, peer))} for aim in row.aims
                              if peer or not row.peer]
        return result


def number(value, scale=1.0):
    value = None if value is None else value / scale
    return '-' if value is None else f'{value:.1f}' if value >= 1 else f'{value:.3f}'


def table(results):
    layout = '{:<50}{:>8}{:>9}{:>7}{:>9}{:>8}{:>7}{:>8}{:>7}{:>8}{:>7}  {}'
    lines = [layout.format('', '', 'wall, ms', '', '', 'CPU, ms', '', '', 'memory,', 'MiB', '', '').rstrip(),
             layout.format('', 'ours', 'peer', 'ratio', 'ours', 'peer', 'ratio', 'ours', 'tree', 'peer', 'ratio', 'aim')]
    for result in results:
        ours, peer, ratio = result.get('ours', {}), result.get('peer', {}), result.get('ratio', {})
        aims = '; '.join(f'{aim["aim"]}: {"met" if aim["met"] else "NOT MET"}' for aim in result.get('aims', []))
        if not ours:
            lines.append(f'{result["name"]:<50}   not measured: {result["not_measured"]}')
            continue
        lines.append(layout.format(
            result['name'], number(ours['wall_ms']), number(peer.get('wall_ms')), number(ratio.get('wall_ms')),
            number(ours.get('cpu_ms')), number(peer.get('cpu_ms')), number(ratio.get('cpu_ms')),
            number(ours.get('memory_kib'), 1024), number(ours.get('largest_kib'), 1024),
            number(peer.get('memory_kib'), 1024), number(ratio.get('memory_kib')), aims).rstrip())
        for key, what in (('not_measured', result.get('peer_name', 'this')), ('memory_not_measured', 'memory')):
            if key in result:
                lines.append(f'{"":<50}   {what} not measured: {result[key]}')
    return '\n'.join(lines)


def version(command):
    try:
        return subprocess.run([*command, '--version'], capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--runs', type=int, default=11)
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--only', default='')
    parser.add_argument('values', nargs='*')
    arguments = parser.parse_args()
    values = dict(value.split('=', 1) for value in arguments.values)
    values['cpus'] = str(len(os.sched_getaffinity(0)))
    bench, load = Bench(values, arguments.runs), round(os.getloadavg()[0], 2)
    results = []
    for row in ROWS:
        if arguments.only in row.name:
            if sys.stderr.isatty():
                print(f'... {row.name}', file=sys.stderr)
            results.append(bench.measure(row))
    about = {'runs': arguments.runs, 'cpus': int(values['cpus']), 'kernel': os.uname().release, 'machine': os.uname().machine,
             'load_average': load,
             'measured': values['measured'], 'skopeo': version([values['skopeo']]) if values['skopeo'] else None,
             'gpg': version(['gpg'])}
    if arguments.json:
        print(json.dumps({'schema': 'sigpolicy-bench/1', **about, 'rows': results}, indent=2))
    else:
        print(f'{values["measured"]}; {about["skopeo"] or "no skopeo"}; {about["gpg"]}; {about["machine"]}, {about["cpus"]} CPUs, '
              f'Linux {about["kernel"]}, load {load}')
        print(f'medians of {arguments.runs} runs, by turns; a ratio is peer / ours; tree: the largest process started\n')
        print(table(results))
    return 1 if bench.failed else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
