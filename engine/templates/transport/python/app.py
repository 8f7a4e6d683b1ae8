"""The transport `NAME`: offers one made-up image, `greeting:1.0`, whose label says what the step's
settings say. The places that it opens are in transport.py; `wit/` says what each call means."""

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
