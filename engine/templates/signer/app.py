"""Signs each image as cosign and Skopeo do, with a note beside what they say: a JSON text that names the
image, attached to it with the signature of those bytes. Other tools verify it. `wit/` says what each
call means. A call gets an instance of its own: nothing is remembered."""

import base64
import json

from wit_world import exports
from wit_world.exports.signer import Artifact, Presence
from wit_world.imports import keys

# The media type of such a text, and the annotation with its signature.
TYPE = "application/vnd.dev.cosign.simplesigning.v1+json"
SIGNATURE = "dev.cosignproject.cosign/signature"


class Signer(exports.Signer):
    def needs(self, settings):
        return ["attachment"]

    def present(self, subject, evidence, settings):
        key, text = read(settings, subject)
        texts = [found for found in evidence if found.descriptor.media_type == TYPE]
        if any(found.bytes == text and is_signed(key, found) for found in texts):
            return Presence.YES
        # Bytes that are not here yet: the engine fetches them and asks again.
        missing = any(found.bytes is None for found in texts)
        return Presence.FETCH if missing else Presence.NO

    def sign(self, subject, settings):
        key, text = read(settings, subject)
        # The key stays in the engine, which reads the text, and signs it as it is about this image.
        signature = base64.b64encode(key.sign(key.schemes()[0], text)).decode()
        return [Artifact("attachment", TYPE, None, text, [(SIGNATURE, signature)], [], [])]


def read(settings, subject):
    """The key, and what is signed. The engine has checked the settings by settings.schema.json."""
    read = json.loads(settings)
    # The same for the same image, so that it is found again. What is said in `optional` is free.
    text = {
        "critical": {
            "identity": {"docker-reference": subject.reference or ""},
            "image": {"docker-manifest-digest": subject.descriptor.digest},
            "type": "cosign container image signature",
        },
        "optional": {"note": read.get("note", "hello")},
    }
    return keys.open(read["key"]), json.dumps(text).encode()


def is_signed(key, found):
    try:
        signature = base64.b64decode(dict(found.descriptor.annotations).get(SIGNATURE, ""))
    except ValueError:
        return False
    return keys.verify(key.schemes()[0], key.public(), found.bytes, signature)
