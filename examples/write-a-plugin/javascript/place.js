// What the transport offers: images out of a directory of tar files, as its catalog says.

import { Source } from 'engine:plugin/body@0.2.0';
import { read } from 'engine:plugin/fs@0.2.0';
import { write as log } from 'engine:plugin/log@0.2.0';
import { fault } from './fault.js';
import { image } from './image.js';

/** The directory, by the name under which the spec grants it. */
const DIRECTORY = 'images';

/** Bytes of the largest catalog. */
const MAX_CATALOG_BYTES = 1n << 20n;

/** A place that was opened: all images of the catalog. */
export class Place {
  constructor({ catalog = 'catalog.json' }) {
    const bytes = read(DIRECTORY, catalog, 0n, undefined).readAll(MAX_CATALOG_BYTES);
    this.offers = [];
    for (const [repository, tags] of Object.entries(parsed(catalog, bytes))) {
      for (const [tag, { file, digest, size }] of Object.entries(tags)) {
        if (!file || !digest || !size) {
          throw fault('invalid', `\`${catalog}\` lacks a part of ${repository}:${tag}`);
        }
        const layer = { digest, size };
        this.offers.push({ repository, tag, file, layer, ...image(layer, { 'from-file': file }) });
      }
    }
    log('info', `\`${catalog}\` has ${this.offers.length} images`);
  }

  repositories() { return [...new Set(this.offers.map((offer) => offer.repository))]; }

  tags(repository) { return this.of(repository).map((offer) => offer.tag); }

  manifest(repository, which) {
    const named = ['tag', 'digest'].includes(which.tag);
    const meant = ({ tag, manifest }) =>
      named ? [tag, manifest.digest].includes(which.val) : which.tag === 'only';
    return this.of(repository).find(meant)?.manifest;
  }

  has(wanted) {
    return this.offers.some(({ layer, config }) => [layer.digest, config.digest].includes(wanted));
  }

  blob(wanted, offset) {
    for (const { file, layer, config } of this.offers) {
      if (layer.digest === wanted) return read(DIRECTORY, file, offset, undefined);
      if (config.digest === wanted) return Source.fromBytes(config.bytes.slice(Number(offset)));
    }
    throw fault('not-found', `there is no blob \`${wanted}\``);
  }

  of(repository) { return this.offers.filter((offer) => offer.repository === repository); }
}

function parsed(name, bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (why) {
    throw fault('invalid', `\`${name}\` is no catalog: ${why.message}`);
  }
}
