// Lets the images pass that have the annotation of the step's settings, whatever it says. `wit/` says
// what each call means. A call gets an instance of its own: nothing is remembered.

const allowed = (says) => ({
  allowed: true, kind: '', claims: [{ by: 'rule:annotated', says, extra: [] }], reasons: [], extra: [],
});

const refused = (reason) => ({
  allowed: false, kind: 'missing', claims: [], reasons: [reason], extra: [],
});

export const policy = {
  // What is decided stands in the manifest: no signature, no referrer is fetched.
  needs: (_subject, _settings) => [],

  decide(subject, _evidence, settings) {
    // The engine has checked the settings by settings.schema.json.
    const { annotation } = JSON.parse(settings);
    if (subject.within !== undefined) return allowed('its index has it');
    const { annotations = {} } = JSON.parse(new TextDecoder().decode(subject.bytes));
    const value = annotations[annotation];
    return value === undefined
      ? refused(`there is no annotation \`${annotation}\``)
      : allowed(`${annotation} is \`${value}\``);
  },
};
