"""What the transport offers: one made-up image, `greeting:1.0`, whose label says what the step's
settings say."""

from fault import fault
from image import Blob, Layer, digest, image
from wit_world.exports.transport import Selector_Digest, Selector_Only, Selector_Tag
from wit_world.imports import body, log

REPOSITORY = "greeting"
TAG = "1.0"

# A tar file with nothing in it.
EMPTY_TAR = bytes(1024)


class Place:
    """A place that was opened: here, the image that the settings ask for."""

    def __init__(self, settings: dict):
        self.layer = Layer(digest(EMPTY_TAR), len(EMPTY_TAR))
        self.config, self.image = image(self.layer, {"greeting": settings.get("greeting", "hello")})

    def repositories(self) -> list[str]:
        return [REPOSITORY]

    def tags(self, repository: str) -> list[str]:
        return [TAG] if repository == REPOSITORY else []

    def manifest(self, repository: str, which) -> Blob | None:
        meant = isinstance(which, Selector_Only)
        if isinstance(which, (Selector_Tag, Selector_Digest)):
            meant = which.value in (TAG, self.image.digest)
        return self.image if repository == REPOSITORY and meant else None

    def has(self, wanted: str) -> bool:
        return wanted in (self.config.digest, self.layer.digest)

    def blob(self, wanted: str, offset: int) -> body.Source:
        if not self.has(wanted):
            raise fault("not-found", f"there is no blob `{wanted}`")
        log.write(log.Level.DEBUG, f"{wanted} from byte {offset}")
        content = self.config.bytes if wanted == self.config.digest else EMPTY_TAR
        return body.Source.from_bytes(content[offset:])
