"""Lets the tags pass that begin with the prefix of the step's settings. `wit/` says what each call
means. A call gets an instance of its own: nothing is remembered."""

import json

from wit_world import exports
from wit_world.exports.filter import Choice
from wit_world.imports import log


class Filter(exports.Filter):
    def needs(self, settings):
        # Names suffice: `digest`, `platforms`, `labels` and `created` cost requests.
        return []

    def select(self, candidates, settings):
        # The engine has checked the settings by settings.schema.json.
        prefix = json.loads(settings).get("prefix", "v")
        log.write(log.Level.DEBUG, f"{len(candidates)} tags to look at")
        return [choice(candidate.tag or "", prefix) for candidate in candidates]


def choice(tag: str, prefix: str) -> Choice:
    keep = tag.startswith(prefix)
    return Choice(keep, "" if keep else f"does not begin with `{prefix}`", [])
