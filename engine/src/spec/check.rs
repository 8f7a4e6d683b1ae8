//! What neither serde nor units can say: which keys go together.

use super::{Auth, Filter, Registry, SecretFrom, Sink, Spec, Username};
use crate::diagnostic::{Code, Fault, Origin, Place};
use crate::spec::codes;

/// The version of the format.
pub(super) const VERSION: &str = "engine/v1";

/// Checks a filled in spec.
pub(super) fn check(spec: &Spec) -> Vec<Fault> {
    let mut check = Check { faults: Vec::new() };
    check.envelope(spec);
    for (host, registry) in spec.registries.iter() {
        check.registry(registry, &Place::root().key("registries").key(host));
    }
    for (name, key) in spec.keys.iter() {
        if let Some(from) = &key.passphrase {
            check.secret(from, &Place::root().key("keys").key(name).key("passphrase"));
        }
    }
    check.steps(spec);
    check.faults
}

struct Check {
    faults: Vec<Fault>,
}

impl Check {
    fn envelope(&mut self, spec: &Spec) {
        let root = Place::root();
        match &spec.api_version {
            None => self.push(
                &root,
                codes::MISSING_KEY,
                "`apiVersion` is missing".to_owned(),
                VERSION_HELP,
            ),
            Some(version) if version.text() != VERSION => {
                let message = format!("`{}` is not a version of this format", version.text());
                self.push(&root.key("apiVersion"), codes::WRONG_VALUE, message, VERSION_HELP);
            }
            Some(_) => {}
        }
        if let Some(kind) = spec.kind.as_ref().filter(|kind| kind.text() != "Pipeline") {
            let message = format!("`{}` is not a kind of file", kind.text());
            self.push(&root.key("kind"), codes::WRONG_VALUE, message, "write `kind: Pipeline`");
        }
    }

    fn registry(&mut self, registry: &Registry, at: &Place) {
        if let Some(auth) = &registry.auth {
            self.auth(auth, &at.key("auth"));
        }
        if registry.tls.cert.is_some() != registry.tls.key.is_some() {
            let message = "a client's `cert` and `key` go together".to_owned();
            self.push(&at.key("tls"), codes::KEYS_TOGETHER, message, "give both, or neither");
        }
    }

    fn auth(&mut self, auth: &Auth, at: &Place) {
        let password = auth.username.is_some() && auth.password.is_some();
        let either = auth.username.is_some() || auth.password.is_some();
        let ways = [either, auth.helper.is_some(), auth.anonymous.is_some()];
        if ways.iter().filter(|given| **given).count() != 1 || either != password {
            let message =
                "needs exactly one of `username` and `password`, `helper`, `anonymous`".to_owned();
            self.push(at, codes::ONE_KIND, message, "without `auth`, auth.json is asked");
        }
        if let Some(Username::From(from)) = &auth.username {
            self.secret(from, &at.key("username"));
        }
        if let Some(from) = &auth.password {
            self.secret(from, &at.key("password"));
        }
    }

    fn secret(&mut self, from: &SecretFrom, at: &Place) {
        let exec = from.exec.as_ref();
        self.exactly_one(
            at,
            &[("env", from.env.is_some()), ("file", from.file.is_some()), ("exec", exec.is_some())],
        );
        if exec.is_some_and(Vec::is_empty) {
            let message = "a command without a word".to_owned();
            self.push(
                &at.key("exec"),
                codes::WRONG_VALUE,
                message,
                "the first word is the program",
            );
        }
    }

    fn steps(&mut self, spec: &Spec) {
        for (id, source) in spec.sources.iter() {
            let at = Place::root().key("sources").key(id);
            self.exactly_one(
                &at,
                &[
                    ("from", source.from.is_some()),
                    ("file", source.file.is_some()),
                    ("plugin", source.plugin.is_some()),
                ],
            );
        }
        for (id, filter) in spec.filters.iter() {
            self.filter(filter, &Place::root().key("filters").key(id));
        }
        for (id, transform) in spec.transforms.iter() {
            let at = Place::root().key("transforms").key(id);
            self.exactly_one(
                &at,
                &[
                    ("platforms", transform.platforms.is_some()),
                    ("annotate", transform.annotate.is_some()),
                    ("compress", transform.compress.is_some()),
                    ("sign", transform.sign.is_some()),
                    ("plugin", transform.plugin.is_some()),
                ],
            );
            self.with(transform.with.is_some(), transform.plugin.is_some(), &at);
        }
        for (id, sink) in spec.sinks.iter() {
            self.sink(sink, &Place::root().key("sinks").key(id));
        }
    }

    fn filter(&mut self, filter: &Filter, at: &Place) {
        let plugin = filter.plugin.is_some();
        self.exactly_one(
            at,
            &[
                ("tags", filter.tags.is_some()),
                ("platforms", filter.platforms.is_some()),
                ("labels", filter.labels.is_some()),
                ("verify", filter.verify.is_some()),
                ("policy", filter.policy.is_some()),
                ("plugin", plugin),
            ],
        );
        self.with(filter.with.is_some(), plugin, at);
        let judges = plugin || filter.verify.is_some() || filter.policy.is_some();
        for (key, given) in [("on", filter.on.is_some()), ("always", filter.always.is_some())] {
            if given && !judges {
                let message = format!("`{key}` is for filters that judge");
                let help = "it goes with `verify`, `policy` or `plugin`";
                self.push(&at.key(key), codes::KEYS_TOGETHER, message, help);
            }
        }
    }

    fn sink(&mut self, sink: &Sink, at: &Place) {
        if sink.to.is_none() && sink.plugin.is_none() {
            let message = "needs `to` or `plugin`".to_owned();
            self.push(at, codes::ONE_KIND, message, "`to: registry/repository` is where images go");
        }
    }

    /// Of sources and sinks the graph tells: their references may begin with a plugin.
    fn with(&mut self, with: bool, plugin: bool, at: &Place) {
        if with && !plugin {
            let message = "`with` is for plugins only".to_owned();
            self.push(&at.key("with"), codes::KEYS_TOGETHER, message, "name a `plugin`");
        }
    }

    fn exactly_one(&mut self, at: &Place, kinds: &[(&str, bool)]) {
        let given = kinds.iter().filter(|(_, given)| *given).count();
        if given != 1 {
            let names: Vec<String> = kinds.iter().map(|(name, _)| format!("`{name}`")).collect();
            let message = format!("needs exactly one of {}", names.join(", "));
            let help = if given == 0 { "it has none" } else { "it has several" };
            self.push(at, codes::ONE_KIND, message, help);
        }
    }

    fn push(&mut self, at: &Place, code: Code, message: String, help: &str) {
        self.faults.push(Fault::new(code, Origin::Spec, message).at(at.to_string()).help(help));
    }
}

const VERSION_HELP: &str = "write `apiVersion: engine/v1`";
