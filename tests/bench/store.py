#!/usr/bin/env python3
"""Makes podman's storage of one image under many IDs and names, as podman's records have them; with a container of the first, whose
configuration is ROOT/config.json.

usage: store.py IMAGE_DIRECTORY COUNT ROOT
"""
import base64
import hashlib
import json
import pathlib
import sys

image, count, root = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
manifest, signature = (image / 'manifest.json').read_bytes(), (image / 'signature-1').read_bytes()
digest = 'sha256:' + hashlib.sha256(manifest).hexdigest()
by_digest, signatures = 'manifest-' + digest, 'signature-' + digest[7:]
files = {'manifest': manifest, by_digest: manifest, 'signatures': signature, signatures: signature}
directory = root / 'overlay-images'
records = []
for number in range(count):
    name = hashlib.sha256(str(number).encode()).hexdigest()
    (directory / name).mkdir(parents=True)
    for key, data in files.items():
        plain = key.isalpha()
        (directory / name / (key if plain else '=' + base64.b64encode(key.encode()).decode())).write_bytes(data)
    names = [f'registry.example/bench/app-{number}:v1']
    records.append({
        'id': name, 'digest': digest, 'names': names, 'names-history': names, 'layer': name,
        'metadata': json.dumps({'signature-sizes': [len(signature)], 'signatures-sizes': {digest: [len(signature)]}}),
        'big-data-names': list(files), 'big-data-sizes': {key: len(data) for key, data in files.items()},
        'big-data-digests': {key: 'sha256:' + hashlib.sha256(data).hexdigest() for key, data in files.items()},
        'created': '2026-01-01T00:00:00.000000000Z'})
(directory / 'images.json').write_text(json.dumps(records))
(directory / 'images.lock').write_bytes(bytes(64))
containers = root / 'overlay-containers'
containers.mkdir()
first, layer = records[0], hashlib.sha256(b'container').hexdigest()
(containers / 'containers.json').write_text(json.dumps([
    {'id': layer, 'names': ['bench'], 'image': first['id'], 'layer': layer, 'metadata': json.dumps({'image-name': first['names'][0]})}]))
(containers / 'containers.lock').write_bytes(bytes(64))
(root / 'config.json').write_text(json.dumps({'ociVersion': '1.0.2', 'root': {'path': f'{root}/overlay/{layer}/merged'}}))
