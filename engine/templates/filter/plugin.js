// Lets the tags pass that begin with the prefix of the step's settings. `wit/` says what each call
// means. A call gets an instance of its own: nothing is remembered.

import { write as log } from 'engine:plugin/log@0.2.0';

export const filter = {
  // Names suffice: `digest`, `platforms`, `labels` and `created` cost requests.
  needs: (_settings) => [],

  select(candidates, settings) {
    // The engine has checked the settings by settings.schema.json.
    const { prefix = 'v' } = JSON.parse(settings);
    log('debug', `${candidates.length} tags to look at`);
    return candidates.map(({ tag = '' }) => {
      const keep = tag.startsWith(prefix);
      return { keep, reason: keep ? '' : `does not begin with \`${prefix}\``, extra: [] };
    });
  },
};
