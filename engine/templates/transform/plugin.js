// Writes the note of the step's settings into the annotations of manifests and indexes. `wit/` says what
// each call means. A call gets an instance of its own: nothing is remembered.

import { fault } from './fault.js';

/** The annotation. */
const NOTE = 'org.example.note';

function read(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw fault('invalid', `the manifest cannot be read: ${error.message}`);
  }
}

export const transform = {
  // `config` costs a request for each image.
  needs: (_settings) => [],

  rewrite(document, settings) {
    // The engine has checked the settings by settings.schema.json.
    const { note = 'hello' } = JSON.parse(settings);
    const manifest = read(document.bytes);
    // What has it already stays the same image.
    if (manifest.annotations?.[NOTE] === note) return undefined;
    manifest.annotations = { ...manifest.annotations, [NOTE]: note };
    return { bytes: new TextEncoder().encode(JSON.stringify(manifest)), extra: [] };
  },
};
