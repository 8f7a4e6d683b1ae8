// What the transport offers: one made-up image, `greeting:1.0`, whose label says what the step's
// settings say.

import { Source } from 'engine:plugin/body@0.2.0';
import { write as log } from 'engine:plugin/log@0.2.0';
import { fault } from './fault.js';
import { image } from './image.js';
import { digest } from './sha256.js';

const REPOSITORY = 'greeting';
const TAG = '1.0';

/** A tar file with nothing in it. */
const EMPTY_TAR = new Uint8Array(1024);

/** A place that was opened: here, the image that the settings ask for. */
export class Place {
  constructor({ greeting = 'hello' }) {
    this.layer = { digest: digest(EMPTY_TAR), size: EMPTY_TAR.length };
    this.image = image(this.layer, { greeting });
  }

  repositories() { return [REPOSITORY]; }

  tags(repository) { return repository === REPOSITORY ? [TAG] : []; }

  manifest(repository, which) {
    const { manifest } = this.image;
    const named = ['tag', 'digest'].includes(which.tag);
    const meant = named ? [TAG, manifest.digest].includes(which.val) : which.tag === 'only';
    return repository === REPOSITORY && meant ? manifest : undefined;
  }

  has(wanted) { return [this.image.config.digest, this.layer.digest].includes(wanted); }

  blob(wanted, offset) {
    if (!this.has(wanted)) throw fault('not-found', `there is no blob \`${wanted}\``);
    log('debug', `${wanted} from byte ${offset}`);
    const { config } = this.image;
    const bytes = wanted === config.digest ? config.bytes : EMPTY_TAR;
    return Source.fromBytes(bytes.slice(Number(offset)));
  }
}
