// Signs each image as cosign and Skopeo do, with a note beside what they say: a JSON text that names the
// image, attached to it with the signature of those bytes. Other tools verify it. `wit/` says what each
// call means. A call gets an instance of its own: nothing is remembered.

import { open, verify } from 'engine:plugin/keys@0.2.0';

/** The media type of such a text, and the annotation with its signature. */
const TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
const SIGNATURE = 'dev.cosignproject.cosign/signature';

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const isSame = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

/** The bytes of a text in base64; none if it is not. */
function bytesOf(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

/** The key, and what is signed. The engine has checked the settings by settings.schema.json. */
function read(settings, { descriptor, reference }) {
  const { key, note = 'hello' } = JSON.parse(settings);
  // The same for the same image, so that it is found again. What is said in `optional` is free.
  const text = JSON.stringify({
    critical: {
      identity: { 'docker-reference': reference ?? '' },
      image: { 'docker-manifest-digest': descriptor.digest },
      type: 'cosign container image signature',
    },
    optional: { note },
  });
  return { key: open(key), text: new TextEncoder().encode(text) };
}

function isSigned(key, { descriptor, bytes }) {
  const [, signature = ''] = descriptor.annotations.find(([name]) => name === SIGNATURE) ?? [];
  return verify(key.schemes()[0], key.public(), bytes, bytesOf(signature));
}

export const signer = {
  needs: (_settings) => ['attachment'],

  present(subject, evidence, settings) {
    const { key, text } = read(settings, subject);
    const texts = evidence.filter(({ descriptor }) => descriptor.mediaType === TYPE);
    const own = texts.filter(({ bytes }) => bytes !== undefined && isSame(bytes, text));
    if (own.some((found) => isSigned(key, found))) return 'yes';
    // Bytes that are not here yet: the engine fetches them and asks again.
    return texts.some(({ bytes }) => bytes === undefined) ? 'fetch' : 'no';
  },

  sign(subject, settings) {
    const { key, text } = read(settings, subject);
    // The key stays in the engine, which reads the text, and signs it as it is about this image.
    const signature = key.sign(key.schemes()[0], text);
    return [{
      form: 'attachment',
      mediaType: TYPE,
      artifactType: undefined,
      bytes: text,
      annotations: [[SIGNATURE, base64(signature)]],
      manifestAnnotations: [],
      extra: [],
    }];
  },
};
