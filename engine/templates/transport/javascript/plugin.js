// The transport `NAME`: offers one made-up image, `greeting:1.0`, whose label says what the step's
// settings say. `wit/` says what each call means. A call gets an instance of its own: nothing is
// remembered.

import { Source } from 'engine:plugin/body@0.1.0';
import { write as log } from 'engine:plugin/log@0.1.0';
import { image } from './image.js';
import { digest } from './sha256.js';

const REPOSITORY = 'greeting';
const TAG = '1.0';

/** A tar file with nothing in it. */
const EMPTY_TAR = new Uint8Array(1024);

/** A failure, as wit/ has it. */
const fault = (code, message) => ({ code, message, retryAfter: undefined, extra: [] });
const unsupported = () => { throw fault('unsupported', 'this transport only reads'); };

const described = ({ mediaType, digest, bytes }) => ({
  mediaType, digest, size: BigInt(bytes.length), annotations: [], extra: [],
});

/** A place that was opened: here, the image that the settings ask for. */
class Session {
  constructor(greeting) {
    this.layer = { digest: digest(EMPTY_TAR), size: EMPTY_TAR.length };
    this.image = image(this.layer, { greeting });
  }

  static open(_place, _side, settings) {
    // The engine has checked the settings by settings.schema.json.
    return new Session(JSON.parse(settings).greeting ?? 'hello');
  }

  listRepositories(_after) { return { names: [REPOSITORY] }; }

  listTags(repository, _after) { return { names: repository === REPOSITORY ? [TAG] : [] }; }

  resolve(repository, which) {
    const manifest = this.manifest(repository, which);
    return manifest && described(manifest);
  }

  getManifest(repository, which) {
    const manifest = this.manifest(repository, which);
    return manifest && { descriptor: described(manifest), bytes: manifest.bytes };
  }

  getBlob(_repository, blob, offset) {
    const { config } = this.image;
    const bytes = blob.digest === config.digest ? config.bytes : EMPTY_TAR;
    log('debug', `${blob.digest} from byte ${offset}`);
    // The engine checks size and digest; where the bytes broke off, it asks again.
    return { tag: 'source', val: Source.fromBytes(bytes.slice(Number(offset))) };
  }

  hasBlob(_repository, blob) {
    return [this.image.config.digest, this.layer.digest].includes(blob.digest);
  }

  manifest(repository, which) {
    const { manifest } = this.image;
    const meant = which.tag === 'only' || [TAG, manifest.digest].includes(which.val);
    return repository === REPOSITORY && meant ? manifest : undefined;
  }

  // What follows is not asked of a transport whose capabilities say no.
  putBlob() { return unsupported(); }
  putManifest() { return unsupported(); }
  tag(namings) { return namings.map(() => ({ tag: 'err', val: fault('unsupported', 'read only') })); }
  untag() { return unsupported(); }
  delete() { return unsupported(); }
  referrers() { return unsupported(); }
}

/** Bytes that a plugin makes while they are read. This one has all its bytes at hand. */
class Reader {
  read(_max) { return undefined; }
}

export const transport = {
  describe: () => ({
    concurrent: true,
    listsRepositories: true,
    listsTags: true,
    writes: false,
    deletes: false,
    referrers: false,
    namesInGroups: false,
    sharedBlobs: true,
    extra: [],
  }),
  Session,
  Reader,
};
