"""Lets the images pass that have the annotation of the step's settings, whatever it says. `wit/` says
what each call means. A call gets an instance of its own: nothing is remembered."""

import json

from wit_world import exports
from wit_world.exports.policy import Decision
from wit_world.imports.judgement import Claim


class Policy(exports.Policy):
    def needs(self, subject, settings):
        # What is decided stands in the manifest: no signature, no referrer is fetched.
        return []

    def decide(self, subject, evidence, settings):
        # The engine has checked the settings by settings.schema.json.
        wanted = json.loads(settings)["annotation"]
        if subject.within is not None:
            return allowed("its index has it")
        value = json.loads(subject.bytes).get("annotations", {}).get(wanted)
        if value is None:
            return refused(f"there is no annotation `{wanted}`")
        return allowed(f"{wanted} is `{value}`")


def allowed(says: str) -> Decision:
    return Decision(True, "", [Claim(None, "rule:annotated", says, [])], [], None, [])


def refused(reason: str) -> Decision:
    return Decision(False, "missing", [], [reason], None, [])
