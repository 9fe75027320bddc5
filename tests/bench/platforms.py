#!/usr/bin/env python3
"""A directory as dir: has it, with a list of images: platforms.py DIRECTORY COUNT"""
import hashlib
import json
import pathlib
import sys

directory, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
directory.mkdir()
(directory / 'version').write_text('Directory Transport Version: 1.1\n')
manifests = []
for number in range(count):
    config = hashlib.sha256(str(number).encode()).hexdigest()
    manifest = json.dumps({
        'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json',
        'config': {'mediaType': 'application/vnd.oci.image.config.v1+json', 'digest': f'sha256:{config}', 'size': 2},
        'layers': []}).encode()
    digest = hashlib.sha256(manifest).hexdigest()
    (directory / f'{digest}.manifest.json').write_bytes(manifest)
    manifests.append({'mediaType': 'application/vnd.oci.image.manifest.v1+json', 'digest': f'sha256:{digest}',
                      'size': len(manifest), 'platform': {'os': 'linux', 'architecture': 'amd64', 'variant': f'v{number}'}})
(directory / 'manifest.json').write_text(json.dumps({
    'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.index.v1+json', 'manifests': manifests}))
