"""What the transport offers: images out of a directory of tar files, as its catalog says."""

import json
from dataclasses import dataclass

from fault import fault
from image import Blob, Layer, image
from wit_world.exports.transport import Selector_Digest, Selector_Only, Selector_Tag
from wit_world.imports import body, fs, log

# The directory, by the name under which the spec grants it.
DIRECTORY = "images"

# Bytes of the largest catalog.
MAX_CATALOG_BYTES = 1 << 20


@dataclass
class Offer:
    """An image, and the file that is its layer."""

    repository: str
    tag: str
    file: str
    layer: Layer
    config: Blob
    manifest: Blob


def is_meant(offer: Offer, which) -> bool:
    if isinstance(which, (Selector_Tag, Selector_Digest)):
        return which.value in (offer.tag, offer.manifest.digest)
    return isinstance(which, Selector_Only)


class Place:
    """A place that was opened: all images of the catalog."""

    def __init__(self, settings: dict):
        name = settings.get("catalog", "catalog.json")
        content = fs.read(DIRECTORY, name, 0, None).read_all(MAX_CATALOG_BYTES)
        self.offers = []
        try:
            for repository, tags in json.loads(content).items():
                for tag, entry in tags.items():
                    layer = Layer(entry["digest"], entry["size"])
                    made = image(layer, {"from-file": entry["file"]})
                    self.offers.append(Offer(repository, tag, entry["file"], layer, *made))
        except (ValueError, KeyError) as why:
            raise fault("invalid", f"`{name}` is no catalog: {why}")
        log.write(log.Level.INFO, f"`{name}` has {len(self.offers)} images")

    def repositories(self) -> list[str]:
        return sorted({offer.repository for offer in self.offers})

    def tags(self, repository: str) -> list[str]:
        return [offer.tag for offer in self.of(repository)]

    def manifest(self, repository: str, which) -> Blob | None:
        for offer in self.of(repository):
            if is_meant(offer, which):
                return offer.manifest
        return None

    def has(self, wanted: str) -> bool:
        return any(wanted in (offer.layer.digest, offer.config.digest) for offer in self.offers)

    def blob(self, wanted: str, offset: int) -> body.Source:
        for offer in self.offers:
            if offer.layer.digest == wanted:
                return fs.read(DIRECTORY, offer.file, offset, None)
            if offer.config.digest == wanted:
                return body.Source.from_bytes(offer.config.bytes[offset:])
        raise fault("not-found", f"there is no blob `{wanted}`")

    def of(self, repository: str) -> list[Offer]:
        return [offer for offer in self.offers if offer.repository == repository]
