"""The calls of the engine, each passed on to a `Place`: what is yours is in place.py. `wit/` says
what each call means. A call gets an instance of its own: nothing is remembered."""

import json

from fault import fault
from image import Blob
from place import Place
from wit_world.exports import transport as role
from wit_world.exports.transport import Content_Source, Manifest, Page
from wit_world.imports.types import Descriptor


class Session(role.Session):
    def __init__(self, place: Place):
        self.place = place

    @classmethod
    def open(cls, place, side, settings):
        # The engine has checked the settings by settings.schema.json.
        return cls(Place(json.loads(settings)))

    def list_repositories(self, after):
        return Page(self.place.repositories(), None)

    def list_tags(self, repository, after):
        return Page(self.place.tags(repository), None)

    def resolve(self, repository, which):
        found = self.place.manifest(repository, which)
        return found and described(found)

    def get_manifest(self, repository, which):
        found = self.place.manifest(repository, which)
        return found and Manifest(described(found), found.bytes)

    def get_blob(self, repository, blob, offset):
        # The engine checks size and digest; where the bytes broke off, it asks again.
        return Content_Source(self.place.blob(blob.digest, offset))

    def has_blob(self, repository, blob):
        return self.place.has(blob.digest)

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

    def signatures(self, repository, digest):
        raise unsupported()

    def put_signatures(self, repository, digest, signatures):
        raise unsupported()

    def finish(self):
        pass


class Reader(role.Reader):
    """Bytes that a plugin makes while they are read. This one has all its bytes at hand."""

    def read(self, max):
        return None


def described(blob: Blob) -> Descriptor:
    return Descriptor(blob.media_type, blob.digest, len(blob.bytes), None, [], None, [])


def unsupported():
    return fault("unsupported", "this transport only reads")
