//! What the requirements of a policy.json may hold, member by member.
//!
//! Source: containers-policy.json(5), "Policy Requirements"; where that is silent, Skopeo 1.22.

use crate::role::Requirement;

/// What an object may hold beside its `type`.
pub(super) struct ObjectShape {
    /// Its members.
    pub(super) members: &'static [(&'static str, MemberKind)],
    /// How many of some of them there must be.
    pub(super) counts: &'static [(MemberCount, &'static [&'static str])],
}

/// What a member holds.
#[derive(Clone, Copy)]
pub(super) enum MemberKind {
    /// A text that is not empty.
    Text,
    /// A list of such texts.
    Texts,
    /// Bytes as base64.
    Base64,
    /// A list of such bytes.
    Base64s,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An object without a type.
    Object(&'static ObjectShape),
    /// An object whose type says what it holds.
    Typed(&'static [(&'static str, &'static ObjectShape)]),
}

/// How many of some members there must be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberCount {
    One,
    AtMostOne,
    AtLeastOne,
    /// None where the first of them is there.
    NotBesideTheFirst,
    /// Some where the first of them is there.
    BesideTheFirst,
}

use MemberCount::{AtLeastOne, AtMostOne, BesideTheFirst, NotBesideTheFirst, One};
use MemberKind::{Base64, Base64s, Object, Text, Texts, Typed, Word};

/// The types of requirements: the word, what it is here, and what it may hold.
pub(super) const REQUIREMENTS: [(&str, Requirement, &ObjectShape); 5] = [
    (Requirement::AcceptAnything.word(), Requirement::AcceptAnything, NOTHING),
    (Requirement::Reject.word(), Requirement::Reject, NOTHING),
    (Requirement::SignedBy.word(), Requirement::SignedBy, SIGNED_BY),
    (Requirement::SigstoreSigned.word(), Requirement::SigstoreSigned, SIGSTORE_SIGNED),
    (Requirement::SignedBaseLayer.word(), Requirement::SignedBaseLayer, SIGNED_BASE_LAYER),
];

const NOTHING: &ObjectShape = &ObjectShape { members: &[], counts: &[] };

/// Types of keys. Only the first is ever checked; a file may name the others.
const KEY_TYPES: &[&str] = &["GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs"];

const SIGNED_BY: &ObjectShape = &ObjectShape {
    members: &[
        ("keyType", Word(KEY_TYPES)),
        ("keyPath", Text),
        ("keyPaths", Texts),
        ("keyData", Base64),
        ("signedIdentity", IDENTITY),
    ],
    counts: &[(One, &["keyType"]), (One, &["keyPath", "keyPaths", "keyData"])],
};

const SIGSTORE_SIGNED: &ObjectShape = &ObjectShape {
    members: &[
        ("keyPath", Text),
        ("keyPaths", Texts),
        ("keyData", Base64),
        ("keyDatas", Base64s),
        ("fulcio", Object(FULCIO)),
        ("pki", Object(PKI)),
        ("rekorPublicKeyPath", Text),
        ("rekorPublicKeyPaths", Texts),
        ("rekorPublicKeyData", Base64),
        ("rekorPublicKeyDatas", Base64s),
        ("signedIdentity", IDENTITY),
    ],
    counts: &[
        (One, &["keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki"]),
        (
            AtMostOne,
            &[
                "rekorPublicKeyPath",
                "rekorPublicKeyPaths",
                "rekorPublicKeyData",
                "rekorPublicKeyDatas",
            ],
        ),
        (
            BesideTheFirst,
            &[
                "fulcio",
                "rekorPublicKeyPath",
                "rekorPublicKeyPaths",
                "rekorPublicKeyData",
                "rekorPublicKeyDatas",
            ],
        ),
        (
            NotBesideTheFirst,
            &[
                "pki",
                "rekorPublicKeyPath",
                "rekorPublicKeyPaths",
                "rekorPublicKeyData",
                "rekorPublicKeyDatas",
            ],
        ),
    ],
};

const FULCIO: &ObjectShape = &ObjectShape {
    members: &[("caPath", Text), ("caData", Base64), ("oidcIssuer", Text), ("subjectEmail", Text)],
    counts: &[(One, &["caPath", "caData"]), (One, &["oidcIssuer"]), (One, &["subjectEmail"])],
};

const PKI: &ObjectShape = &ObjectShape {
    members: &[
        ("caRootsPath", Text),
        ("caRootsData", Base64),
        ("caIntermediatesPath", Text),
        ("caIntermediatesData", Base64),
        ("subjectEmail", Text),
        ("subjectHostname", Text),
    ],
    counts: &[
        (One, &["caRootsPath", "caRootsData"]),
        (AtMostOne, &["caIntermediatesPath", "caIntermediatesData"]),
        (AtLeastOne, &["subjectEmail", "subjectHostname"]),
    ],
};

const SIGNED_BASE_LAYER: &ObjectShape = &ObjectShape {
    members: &[("baseLayerIdentity", IDENTITY)],
    counts: &[(One, &["baseLayerIdentity"])],
};

/// What the name in a signature must be.
const IDENTITY: MemberKind = Typed(&[
    ("matchExact", NOTHING),
    ("matchRepoDigestOrExact", NOTHING),
    ("matchRepository", NOTHING),
    ("exactReference", EXACT_REFERENCE),
    ("exactRepository", EXACT_REPOSITORY),
    ("remapIdentity", REMAP_IDENTITY),
]);

const EXACT_REFERENCE: &ObjectShape =
    &ObjectShape { members: &[("dockerReference", Text)], counts: &[(One, &["dockerReference"])] };

const EXACT_REPOSITORY: &ObjectShape = &ObjectShape {
    members: &[("dockerRepository", Text)],
    counts: &[(One, &["dockerRepository"])],
};

const REMAP_IDENTITY: &ObjectShape = &ObjectShape {
    members: &[("prefix", Text), ("signedPrefix", Text)],
    counts: &[(One, &["prefix"]), (One, &["signedPrefix"])],
};
