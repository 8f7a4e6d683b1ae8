"""Attaches a signed note to each image: a referrer whose layer says the note and the image's digest,
and whose annotation is the signature of those bytes. `wit/` says what each call means. A call gets an
instance of its own: nothing is remembered."""

import json

from wit_world import exports
from wit_world.exports.signer import Artifact, Presence
from wit_world.imports import keys

# The media type of a note, and the annotation with its signature.
TYPE = "application/vnd.example.note.v1+json"
SIGNATURE = "org.example.signature"


class Signer(exports.Signer):
    def needs(self, settings):
        return ["referrer"]

    def present(self, subject, evidence, settings):
        key, note = read(settings, subject)
        notes = [found for found in evidence if found.descriptor.media_type == TYPE]
        if any(found.bytes == note and is_signed(key, found) for found in notes):
            return Presence.YES
        # Bytes that are not here yet: the engine fetches them and asks again.
        missing = any(found.bytes is None for found in notes)
        return Presence.FETCH if missing else Presence.NO

    def sign(self, subject, settings):
        key, note = read(settings, subject)
        # The key stays in the engine, which signs nothing that does not name the image.
        signature = key.sign(key.schemes()[0], note)
        return [Artifact("referrer", TYPE, TYPE, note, [(SIGNATURE, signature.hex())], [], [])]


def read(settings, subject):
    """The key, and what is signed. The engine has checked the settings by settings.schema.json."""
    read = json.loads(settings)
    # The same for the same image, so that it is found again.
    note = {"image": subject.descriptor.digest, "note": read.get("note", "hello")}
    return keys.open(read["key"]), json.dumps(note).encode()


def is_signed(key, found):
    try:
        signature = bytes.fromhex(dict(found.descriptor.annotations).get(SIGNATURE, ""))
    except ValueError:
        return False
    return keys.verify(key.schemes()[0], key.public(), found.bytes, signature)
