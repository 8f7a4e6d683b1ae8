"""A made-up image: one layer, and the config and manifest that belong to it."""

import hashlib
import json
from dataclasses import dataclass

LAYER = "application/vnd.oci.image.layer.v1.tar"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass
class Blob:
    """Bytes and what they are."""

    media_type: str
    digest: str
    bytes: bytes


@dataclass
class Layer:
    """A layer, wherever its bytes are."""

    digest: str
    size: int


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def blob(media_type: str, document: dict) -> Blob:
    content = json.dumps(document).encode()
    return Blob(media_type, digest(content), content)


def image(layer: Layer, labels: dict) -> tuple[Blob, Blob]:
    """The config and manifest of an image for linux/amd64."""
    config = blob(CONFIG, {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [layer.digest]},
    })
    manifest = blob(MANIFEST, {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": config.digest, "size": len(config.bytes)},
        "layers": [{"mediaType": LAYER, "digest": layer.digest, "size": layer.size}],
    })
    return config, manifest
