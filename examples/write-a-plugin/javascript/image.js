// A made-up image: one layer, and the config and manifest that belong to it.

import { digest } from './sha256.js';

const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

function blob(mediaType, document) {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  return { mediaType, digest: digest(bytes), bytes };
}

/** The config and manifest of an image for linux/amd64; `layer` has a digest and a size. */
export function image(layer, labels) {
  const config = blob(CONFIG, {
    architecture: 'amd64',
    os: 'linux',
    config: { Labels: labels },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const manifest = blob(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, digest: config.digest, size: config.bytes.length },
    layers: [{ mediaType: LAYER, digest: layer.digest, size: layer.size }],
  });
  return { config, manifest };
}
