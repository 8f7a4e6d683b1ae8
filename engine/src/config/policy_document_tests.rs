use super::*;

const ANY: &str = r#"[{"type": "insecureAcceptAnything"}]"#;

/// What is wrong with a text: `line:column: message`.
fn wrong(text: &str) -> Vec<String> {
    let faults = PolicyDocument::parse("/p", text).err().unwrap_or_default();
    let shown = |fault: &Fault| {
        assert_eq!(fault.code, "config::policy-invalid");
        let place = fault.place.as_deref().unwrap().strip_prefix("/p:").unwrap();
        format!("{place}: {}", fault.message)
    };
    faults.iter().map(shown).collect()
}

/// What is wrong with a requirement that stands in `default`, without its place.
fn wrong_requirement(requirement: &str) -> Vec<String> {
    let faults = wrong(&format!("{{\"default\": [{requirement}]}}"));
    faults.iter().map(|fault| fault.split_once(": ").unwrap().1.to_owned()).collect()
}

#[test]
fn each_fault_has_its_line_and_column() {
    for (text, faults) in [
        ("", &["1:1: the trust policy is not JSON: EOF while parsing a value"][..]),
        ("{\n  \"default\": [}\n", &["2:15: the trust policy is not JSON: expected value"]),
        ("[]", &["1:1: the trust policy is not an object"]),
        ("{\n  \"transports\": {}\n}", &["1:1: `default` is missing"]),
        ("{\"default\": []}", &["1:13: the list of requirements is empty"]),
        ("{\"default\": null}", &["1:13: requirements are a list"]),
        ("{\"default\": [\"reject\"]}", &["1:14: a requirement is not an object"]),
        ("{\"default\": [{}]}", &["1:14: `type` is missing"]),
        ("{\"default\": [{\"type\": 1}]}", &["1:23: a text is expected"]),
        (
            "{\"default\": [\n  {\"type\": \"rejekt\"},\n  {\"type\": \"reject\", \"ä\": 1}\n]}",
            &["2:12: `rejekt` is not a word that is known here", "3:22: unknown member `ä`"],
        ),
    ] {
        assert_eq!(wrong(text), faults, "{text}");
    }
}

#[test]
fn members_and_scopes_of_the_whole_file_are_held_to_the_format() {
    for (more, faults) in [
        (r#""defualt": []"#, &["unknown member `defualt`"][..]),
        (r#""default": [{"type": "reject"}]"#, &["`default` stands twice"]),
        (r#""transports": null"#, &["`transports` is not an object"]),
        (r#""transports": {"docker": null}"#, &["`docker` is not an object"]),
        (r#""transports": {"docker": {"a": []}}"#, &["the list of requirements is empty"]),
        (
            r#""transports": {"docker": {"a": [{"type": "reject"}], "a": [{"type": "reject"}]}}"#,
            &["`a` stands twice"],
        ),
        (
            r#""transports": {"dir": {"/": [{"type": "reject"}]}, "oci": {"a": [{"type": "reject"}]}}"#,
            &["`/` is no scope of `dir`", "`a` is no scope of `oci`"],
        ),
        (
            r#""transports": {"oci": {"/a/": [{"type": "reject"}]}}"#,
            &["`/a/` is no scope of `oci`"],
        ),
        (
            r#""transports": {"oci": {"/a/..": [{"type": "reject"}]}}"#,
            &["`/a/..` is no scope of `oci`"],
        ),
    ] {
        let found = wrong(&format!("{{\"default\": {ANY}, {more}}}"));
        let found: Vec<&str> = found.iter().map(|one| one.split_once(": ").unwrap().1).collect();
        assert_eq!(found, faults, "{more}");
    }
}

#[test]
fn requirements_that_cannot_be_checked_yet_are_held_to_the_format_too() {
    for fine in [
        r#"{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/etc/pki/a"}"#,
        r#"{"type": "signedBy", "keyType": "GPGKeys", "keyPaths": ["/a", "/b"],
            "signedIdentity": {"type": "matchRepository"}}"#,
        r#"{"type": "signedBy", "keyType": "X509Certificates", "keyData": "Zm9v"}"#,
        r#"{"type": "sigstoreSigned", "keyPath": "/a", "rekorPublicKeyData": "Zm9v",
            "signedIdentity": {"type": "remapIdentity", "prefix": "a", "signedPrefix": "b"}}"#,
        r#"{"type": "sigstoreSigned", "rekorPublicKeyPath": "/r",
            "fulcio": {"caPath": "/c", "oidcIssuer": "https://i", "subjectEmail": "a@b"}}"#,
        r#"{"type": "sigstoreSigned", "pki": {"caRootsPath": "/c", "subjectHostname": "h"}}"#,
        r#"{"type": "signedBaseLayer", "baseLayerIdentity": {"type": "exactRepository",
            "dockerRepository": "a/b"}}"#,
    ] {
        assert_eq!(wrong_requirement(fine), [""; 0], "{fine}");
    }
}

#[test]
fn each_fault_of_a_requirement_is_told() {
    for (bad, faults) in [
        (r#"{"type": "insecureAcceptAnything", "a": 1}"#, &["unknown member `a`"][..]),
        (
            r#"{"type": "signedBy"}"#,
            &["`keyType` is missing", "needs exactly one of `keyPath`, `keyPaths`, `keyData`"],
        ),
        (
            r#"{"type": "signedBy", "keyType": "PGP", "keyPath": ""}"#,
            &["`PGP` is not a word that is known here", "the text is empty"],
        ),
        (
            r#"{"type": "signedBy", "keyType": "GPGKeys", "keyPaths": "/a"}"#,
            &["a list is expected"],
        ),
        (
            r#"{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/a", "keyData": "!"}"#,
            &["the text is not base64", "needs exactly one of `keyPath`, `keyPaths`, `keyData`"],
        ),
        (
            r#"{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/a", "signedIdentity": null}"#,
            &["the value is not an object"],
        ),
        (
            r#"{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/a",
                "signedIdentity": {"type": "exactReference"}}"#,
            &["`dockerReference` is missing"],
        ),
        (
            r#"{"type": "sigstoreSigned", "fulcio": {"caPath": "/c", "oidcIssuer": "i"}}"#,
            &[
                "`subjectEmail` is missing",
                "needs one of `rekorPublicKeyPath`, `rekorPublicKeyPaths`, `rekorPublicKeyData`, \
                 `rekorPublicKeyDatas` beside `fulcio`",
            ],
        ),
        (
            r#"{"type": "sigstoreSigned", "rekorPublicKeyPath": "/r", "pki": {"caRootsPath": "/c"}}"#,
            &[
                "needs one of `subjectEmail`, `subjectHostname`",
                "has one of `rekorPublicKeyPath`, `rekorPublicKeyPaths`, `rekorPublicKeyData`, \
                 `rekorPublicKeyDatas` beside `pki`",
            ],
        ),
        (r#"{"type": "signedBaseLayer"}"#, &["`baseLayerIdentity` is missing"]),
    ] {
        assert_eq!(wrong_requirement(bad), faults, "{bad}");
    }
}

#[test]
fn scopes_of_transports_that_are_not_there_yet_are_kept_unread() {
    let text = format!(
        r#"{{"default": {ANY}, "transports": {{"docker-daemon": {{"": [{{"type": "whatever"}}]}},
            "docker": {{"quay.io": [{{"type": "reject"}}]}}}}}}"#
    );
    let read = PolicyDocument::parse("/p", &text).unwrap();
    assert_eq!(read.default, [Requirement::AcceptAnything]);
    assert_eq!(read.transports["docker-daemon"], TransportScopes::Unread);
    let quay = [("quay.io".to_owned(), vec![Requirement::Reject])];
    assert_eq!(read.transports["docker"], TransportScopes::Read(quay.into()));
    let twice = text.replace(r#""": ["#, r#""": [], "": ["#);
    assert_eq!(wrong(&twice).len(), 1, "it is JSON that is read in one way");
}

#[test]
fn a_file_of_faults_is_given_up() {
    let members: Vec<String> = (0..1000).map(|number| format!("\"{number}\": 1")).collect();
    assert_eq!(wrong(&format!("{{{}}}", members.join(","))).len(), MAX_FAULTS);
}
