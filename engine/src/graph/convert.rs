//! Rules and settings of the spec, checked and in the graph's own types.

use super::SpecFiles;
use super::faults::{Faults, fault};
use super::select::{pattern, range};
use super::sinks::template;
use super::{Annotate, Globs, IndexMode, LabelRule, TagRule, TagSort};
use crate::diagnostic::Place;
use crate::graph::codes;
use crate::oci::{Platform, Reference};
use crate::role::{AuthSettings, KeySettings, RegistrySettings, SecretSource, TlsSettings};
use crate::spec::{self, Many, Ordered, SortWord, Spec, Text, Username};
use std::collections::BTreeMap;

pub(super) fn tags(tags: &spec::Tags, at: &Place, faults: &mut Faults) -> TagRule {
    let rule = TagRule {
        include: patterns(tags.include.as_ref(), &at.key("include"), faults),
        exclude: patterns(tags.exclude.as_ref(), &at.key("exclude"), faults),
        key: tags.key.as_ref().map(|key| key.text().to_owned()),
        semver: tags.semver.as_ref().map(|range| range.text().to_owned()),
        sort: tags.sort.map(|sort| match sort {
            SortWord::Semver => TagSort::Semver,
            SortWord::Alphabetical => TagSort::Alphabetical,
            SortWord::Numerical => TagSort::Numerical,
        }),
        latest: tags.latest.as_ref().map(|count| **count),
        always: tags.always.iter().flat_map(|many| &many.texts).map(owned).collect(),
    };
    if let Some(key) = &rule.key {
        faults.ok(&at.key("key"), pattern(key));
    }
    if let Some(text) = &rule.semver {
        faults.ok(&at.key("semver"), range(text));
    }
    if rule.latest.is_some() && rule.sort.is_none() && rule.semver.is_none() {
        faults.add(
            &at.key("latest"),
            fault(codes::NO_ORDER, "the latest by which order?").help("add `sort: semver`"),
        );
    }
    if rule == TagRule::default() {
        faults.push(at, codes::EMPTY_RULE, "nothing is selected here");
    }
    rule
}

fn patterns(many: Option<&Many>, at: &Place, faults: &mut Faults) -> Vec<String> {
    let Some(many) = many else { return Vec::new() };
    let texts = many.placed(at);
    texts
        .map(|(place, text)| {
            faults.ok(&place, pattern(text));
            text.to_owned()
        })
        .collect()
}

pub(super) fn globs(globs: &[String], at: &Place, faults: &mut Faults) {
    for (index, glob) in globs.iter().enumerate() {
        faults.ok(&at.index(index), Globs::new(std::slice::from_ref(glob)));
    }
}

pub(super) fn platforms(texts: &[Text], at: &Place, faults: &mut Faults) -> Vec<Platform> {
    if texts.is_empty() {
        faults.push(at, codes::EMPTY_LIST, "the list is empty");
    }
    let read = |(index, text): (usize, &Text)| {
        let platform = text.text().parse().map_err(|why: crate::oci::PlatformFault| {
            fault(codes::BAD_PLATFORM, format!("`{}` is not a platform", why.0))
                .help("write os/architecture or os/architecture/variant, such as `linux/arm64`")
        });
        faults.ok(&at.index(index), platform)
    };
    texts.iter().enumerate().filter_map(read).collect()
}

pub(super) fn labels(labels: &spec::Labels, at: &Place, faults: &mut Faults) -> LabelRule {
    let mut read = |key: &str, texts: &Ordered<Text>| -> BTreeMap<String, String> {
        let place = at.key(key);
        let one = |(label, text): (&str, &Text)| {
            faults.ok(&place.key(label), pattern(text.text()));
            (label.to_owned(), owned(text))
        };
        texts.iter().map(one).collect()
    };
    let rule = LabelRule {
        include: read("include", &labels.include),
        exclude: read("exclude", &labels.exclude),
    };
    if rule == LabelRule::default() {
        faults.push(at, codes::EMPTY_RULE, "nothing is selected here");
    }
    rule
}

pub(super) fn annotate(annotate: &spec::Annotate, at: &Place, faults: &mut Faults) -> Annotate {
    let mut made = Annotate::default();
    for (key, text) in annotate.set.iter() {
        let place = at.key("set").key(key);
        made.set.extend(template(text.text(), &place, faults).map(|value| (key.to_owned(), value)));
    }
    for (index, key) in annotate.remove.iter().enumerate() {
        if annotate.set.get(key.text()).is_some() {
            let message = format!("`{}` is set and removed", key.text());
            faults.push(&at.key("remove").index(index), codes::SET_AND_REMOVED, message);
        }
        made.remove.insert(owned(key));
    }
    if annotate.set.is_empty() && annotate.remove.is_empty() {
        faults.push(at, codes::EMPTY_RULE, "nothing is changed here");
    }
    made
}

pub(super) fn index_mode(mode: spec::IndexMode) -> IndexMode {
    match mode {
        spec::IndexMode::Rewrite => IndexMode::Rewrite,
        spec::IndexMode::Sparse => IndexMode::Sparse,
        spec::IndexMode::Keep => IndexMode::Keep,
    }
}

/// The settings of registries, by host as references name it.
pub(super) fn registries(
    spec: &Spec,
    spec_files: &SpecFiles,
    faults: &mut Faults,
) -> BTreeMap<String, RegistrySettings> {
    let mut settings = BTreeMap::new();
    for (written, one) in spec.registries.iter() {
        let at = Place::root().key("registries").key(written);
        let Some(host) = registry_name(written) else {
            let message = format!("`{written}` is not a registry");
            faults.add(&at, fault(codes::BAD_REGISTRY, message).help("write host or host:port"));
            continue;
        };
        let made = registry(one, &at, spec_files, faults);
        if settings.insert(host.clone(), made).is_some() {
            faults.push(&at, codes::BAD_REGISTRY, format!("`{host}` stands here twice"));
        }
    }
    settings
}

/// The name of a registry as references have it; `None` if the text names none.
pub(super) fn registry_name(written: &str) -> Option<String> {
    let (host, rest) = Reference::split_host(&format!("{written}/x/y"));
    let is_name = rest == "x/y" && format!("{host}/x/y").parse::<Reference>().is_ok();
    is_name.then_some(host)
}

fn registry(
    one: &spec::Registry,
    at: &Place,
    spec_files: &SpecFiles,
    faults: &mut Faults,
) -> RegistrySettings {
    let default = RegistrySettings::default();
    if let Some(endpoint) = one.endpoint.as_ref().filter(|url| !is_origin(url.text())) {
        let message = format!("`{}` is not an endpoint", endpoint.text());
        let help = "write `https://host:port` or `http://host:port`, without a path";
        faults.add(&at.key("endpoint"), fault(codes::BAD_ENDPOINT, message).help(help));
    }
    for (index, host) in one.leads_to.iter().enumerate() {
        if !is_authority(host.text()) {
            let message = format!("`{}` is not a host with a port", host.text());
            let help = "write `host:port`";
            let fault = fault(codes::BAD_ENDPOINT, message).help(help);
            faults.add(&at.key("leadsTo").index(index), fault);
        }
    }
    let path = |file: &spec::TlsFile| spec_files.path(file.file.text());
    let tls = TlsSettings {
        verify: one.tls.verify.as_ref().is_none_or(|verify| **verify),
        ca: one.tls.ca.as_ref().map(path),
        client: one.tls.cert.as_ref().map(path).zip(one.tls.key.as_ref().map(path)),
    };
    RegistrySettings {
        endpoint: one.endpoint.as_ref().map(|url| url.text().trim_end_matches('/').to_owned()),
        tls,
        auth: one.auth.as_ref().and_then(|given| auth(given, spec_files)),
        concurrent: one.limits.concurrent.as_ref().map_or(default.concurrent, |n| **n as usize),
        requests_per_second: one.limits.requests_per_second.as_ref().map(|n| **n),
        reserve: one.limits.reserve.as_ref().map_or(default.reserve, |n| u64::from(**n)),
        leads_to: one.leads_to.iter().map(owned).collect(),
    }
}

/// The keys, by name.
pub(super) fn keys(spec: &Spec, spec_files: &SpecFiles) -> BTreeMap<String, KeySettings> {
    let key = |(name, key): (&str, &spec::Key)| {
        let passphrase = key.passphrase.as_ref().and_then(|from| secret(from, spec_files));
        let settings = KeySettings { file: spec_files.path(key.file.text()), passphrase };
        (name.to_owned(), settings)
    };
    spec.keys.iter().map(key).collect()
}

fn secret(from: &spec::SecretFrom, spec_files: &SpecFiles) -> Option<SecretSource> {
    let env = from.env.as_ref().map(|name| SecretSource::Variable(owned(name)));
    let file = || Some(SecretSource::File(spec_files.path(from.file.as_ref()?.text())));
    let exec = || Some(SecretSource::Command(from.exec.as_ref()?.iter().map(owned).collect()));
    env.or_else(file).or_else(exec)
}

/// `scheme://host[:port]`, perhaps with a slash at the end.
fn is_origin(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| is_authority(rest.strip_suffix('/').unwrap_or(rest)))
}

/// An origin whose host may begin with `*.`.
pub(super) fn is_grant(url: &str) -> bool {
    is_origin(&url.replacen("://*.", "://", 1))
}

fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let host_ok = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:[]".contains(c));
    let port_ok = port.is_none_or(|port| port.parse::<u16>().is_ok());
    !host.is_empty() && host_ok && port_ok
}

fn auth(auth: &spec::Auth, spec_files: &SpecFiles) -> Option<AuthSettings> {
    if let Some(helper) = &auth.helper {
        return Some(AuthSettings::Helper(owned(helper)));
    }
    if auth.anonymous.as_ref().is_some_and(|anonymous| **anonymous) {
        return Some(AuthSettings::Anonymous);
    }
    let username = match auth.username.as_ref()? {
        Username::Plain(text) => SecretSource::Plain(owned(text)),
        Username::From(from) => secret(from, spec_files)?,
    };
    Some(AuthSettings::Password {
        username,
        password: secret(auth.password.as_ref()?, spec_files)?,
    })
}

fn owned(text: &Text) -> String {
    text.text().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{is_authority, is_grant, is_origin};

    #[test]
    fn origins_grants_and_authorities() {
        for (url, origin, grant) in [
            ("https://a.example", true, true),
            ("http://127.0.0.1:5000/", true, true),
            ("https://[::1]:443", true, true),
            ("https://*.a.example:8443", false, true),
            ("https://*", false, false),
            ("https://a.example/path", false, false),
            ("https://me@a.example", false, false),
            ("ftp://a.example", false, false),
            ("a.example", false, false),
            ("https://a.example:99999", false, false),
        ] {
            assert_eq!((is_origin(url), is_grant(url)), (origin, grant), "{url}");
        }
        assert!(is_authority("10.0.0.1:5001") && is_authority("a.example"));
        assert!(!is_authority("") && !is_authority(":80") && !is_authority("a:b"));
    }
}
