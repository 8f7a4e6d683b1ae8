"""What the transport can do. Its calls are in transport.py, what is yours in place.py."""

from wit_world import exports
from wit_world.exports.transport import Capabilities


class Transport(exports.Transport):
    def describe(self) -> Capabilities:
        return Capabilities(
            concurrent=True,
            lists_repositories=True,
            lists_tags=True,
            writes=False,
            deletes=False,
            referrers=False,
            names_in_groups=False,
            shared_blobs=True,
            extra=[],
        )
