// The calls of the engine, each passed on to a `Place`: what is yours is in place.js. `wit/` says what
// each call means. A call gets an instance of its own: nothing is remembered.

import { fault } from './fault.js';
import { Place } from './place.js';

const unsupported = () => { throw fault('unsupported', 'this transport only reads'); };

const described = ({ mediaType, digest, bytes }) => ({
  mediaType, digest, size: BigInt(bytes.length), annotations: [], extra: [],
});

class Session {
  constructor(place) { this.place = place; }

  // The engine has checked the settings by settings.schema.json.
  static open(_place, _side, settings) { return new Session(new Place(JSON.parse(settings))); }

  listRepositories(_after) { return { names: this.place.repositories() }; }

  listTags(repository, _after) { return { names: this.place.tags(repository) }; }

  resolve(repository, which) {
    const manifest = this.place.manifest(repository, which);
    return manifest && described(manifest);
  }

  getManifest(repository, which) {
    const manifest = this.place.manifest(repository, which);
    return manifest && { descriptor: described(manifest), bytes: manifest.bytes };
  }

  // The engine checks size and digest; where the bytes broke off, it asks again.
  getBlob(_repository, blob, offset) {
    return { tag: 'source', val: this.place.blob(blob.digest, offset) };
  }

  hasBlob(_repository, blob) { return this.place.has(blob.digest); }

  // What follows is not asked of a transport whose capabilities say no.
  putBlob() { return unsupported(); }
  putManifest() { return unsupported(); }
  tag(namings) { return namings.map(() => ({ tag: 'err', val: fault('unsupported', 'read only') })); }
  untag() { return unsupported(); }
  delete() { return unsupported(); }
  referrers() { return unsupported(); }
  signatures() { return unsupported(); }
  putSignatures() { return unsupported(); }
  finish() {}
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
