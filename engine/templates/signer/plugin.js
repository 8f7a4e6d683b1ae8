// Attaches a signed note to each image: a referrer whose layer says the note and the image's digest, and
// whose annotation is the signature of those bytes. `wit/` says what each call means. A call gets an
// instance of its own: nothing is remembered.

import { open, verify } from 'engine:plugin/keys@0.1.0';

/** The media type of a note, and the annotation with its signature. */
const TYPE = 'application/vnd.example.note.v1+json';
const SIGNATURE = 'org.example.signature';

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const bytesOf = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** The key, and what is signed. The engine has checked the settings by settings.schema.json. */
function read(settings, { descriptor }) {
  const { key, note = 'hello' } = JSON.parse(settings);
  // The same for the same image, so that it is found again.
  const text = JSON.stringify({ image: descriptor.digest, note });
  return { key: open(key), note: new TextEncoder().encode(text) };
}

function isSigned(key, { descriptor, bytes }) {
  const [, signature = ''] = descriptor.annotations.find(([name]) => name === SIGNATURE) ?? [];
  return verify(key.schemes()[0], key.public(), bytes, bytesOf(signature));
}

export const signer = {
  needs: (_settings) => ['referrer'],

  present(subject, evidence, settings) {
    const { key, note } = read(settings, subject);
    const notes = evidence.filter(({ descriptor }) => descriptor.mediaType === TYPE);
    const same = (found) => found.bytes !== undefined && hex(found.bytes) === hex(note);
    if (notes.some((found) => same(found) && isSigned(key, found))) return 'yes';
    // Bytes that are not here yet: the engine fetches them and asks again.
    return notes.some(({ bytes }) => bytes === undefined) ? 'fetch' : 'no';
  },

  sign(subject, settings) {
    const { key, note } = read(settings, subject);
    // The key stays in the engine, which signs nothing that does not name the image.
    const signature = key.sign(key.schemes()[0], note);
    return [{
      form: 'referrer',
      mediaType: TYPE,
      artifactType: TYPE,
      bytes: note,
      annotations: [[SIGNATURE, hex(signature)]],
      manifestAnnotations: [],
      extra: [],
    }];
  },
};
