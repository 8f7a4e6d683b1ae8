"""A place that was opened: here, the image that the settings ask for. A call gets an instance of
its own: nothing is remembered."""

import json

from componentize_py_types import Err
from image import Blob, Layer, digest, image
from wit_world.exports import transport as role
from wit_world.exports.transport import Content_Source, Manifest, Page, Selector_Only
from wit_world.imports import body, log
from wit_world.imports.types import Descriptor, Fault

REPOSITORY = "greeting"
TAG = "1.0"

# A tar file with nothing in it.
EMPTY_TAR = bytes(1024)


class Session(role.Session):
    def __init__(self, greeting: str):
        self.layer = Layer(digest(EMPTY_TAR), len(EMPTY_TAR))
        self.config, self.image = image(self.layer, {"greeting": greeting})

    @classmethod
    def open(cls, place, side, settings):
        # The engine has checked the settings by settings.schema.json.
        return cls(json.loads(settings).get("greeting", "hello"))

    def list_repositories(self, after):
        return Page([REPOSITORY], None)

    def list_tags(self, repository, after):
        return Page([TAG] if repository == REPOSITORY else [], None)

    def resolve(self, repository, which):
        found = self.manifest(repository, which)
        return found and described(found)

    def get_manifest(self, repository, which):
        found = self.manifest(repository, which)
        return found and Manifest(described(found), found.bytes)

    def get_blob(self, repository, blob, offset):
        content = self.config.bytes if blob.digest == self.config.digest else EMPTY_TAR
        log.write(log.Level.DEBUG, f"{blob.digest} from byte {offset}")
        # The engine checks size and digest; where the bytes broke off, it asks again.
        return Content_Source(body.Source.from_bytes(content[offset:]))

    def has_blob(self, repository, blob):
        return blob.digest in (self.config.digest, self.layer.digest)

    def manifest(self, repository, which) -> Blob | None:
        meant = isinstance(which, Selector_Only) or which.value in (TAG, self.image.digest)
        return self.image if repository == REPOSITORY and meant else None

    # What follows is not asked of a transport whose capabilities say no.

    def put_blob(self, repository, blob, body, mount_from, resume):
        raise unsupported()

    def put_manifest(self, repository, tag, manifest):
        raise unsupported()

    def tag(self, namings):
        return [unsupported() for _ in namings]

    def untag(self, repository, tag):
        raise unsupported()

    def delete(self, repository, digest):
        raise unsupported()

    def referrers(self, repository, digest):
        raise unsupported()


class Reader(role.Reader):
    """Bytes that a plugin makes while they are read. This one has all its bytes at hand."""

    def read(self, max):
        return None


def described(blob: Blob) -> Descriptor:
    return Descriptor(blob.media_type, blob.digest, len(blob.bytes), None, [], None, [])


def unsupported() -> Err:
    return Err(Fault("unsupported", "this transport only reads", None, []))
