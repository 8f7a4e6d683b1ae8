"""Writes the note of the step's settings into the annotations of manifests and indexes. `wit/` says
what each call means. A call gets an instance of its own: nothing is remembered."""

import json

from fault import fault
from wit_world import exports
from wit_world.exports.transform import Edit

# The annotation.
NOTE = "org.example.note"


class Transform(exports.Transform):
    def needs(self, settings):
        # `config` costs a request for each image.
        return []

    def rewrite(self, document, settings):
        # The engine has checked the settings by settings.schema.json.
        note = json.loads(settings).get("note", "hello")
        try:
            manifest = json.loads(document.bytes)
        except ValueError as error:
            raise fault("invalid", f"the manifest cannot be read: {error}")
        annotations = manifest.get("annotations") or {}
        if annotations.get(NOTE) == note:
            return None  # What has it already stays the same image.
        manifest["annotations"] = {**annotations, NOTE: note}
        return Edit(json.dumps(manifest).encode(), None, [])
