//! References in saved plans.

use super::json::wrong;
use crate::diagnostic::Fault;
use crate::oci::{Digest, Name, Reference, ReferenceForm};
use serde::{Deserialize, Serialize};

/// A reference, with the form that a plugin's references have.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SavedReference {
    transport: String,
    /// How the references of a plugin look; those of built-in transports are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    form: Option<ReferenceForm>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    place: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    repository: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl From<&Reference> for SavedReference {
    fn from(reference: &Reference) -> Self {
        let Reference { transport, form, place, name } = reference.clone();
        let known = ReferenceForm::built_in(&transport).unwrap_or(ReferenceForm::BY_ID);
        let form = Some(form).filter(|form| *form != known);
        let Name { repository, tag, digest, index, id } = name;
        Self { transport, form, place, repository, tag, digest, index, id }
    }
}

impl TryFrom<SavedReference> for Reference {
    type Error = Fault;

    fn try_from(saved: SavedReference) -> Result<Self, Fault> {
        let SavedReference { transport, form, place, repository, tag, digest, index, id } = saved;
        let known = form.or_else(|| ReferenceForm::built_in(&transport));
        let form = known.unwrap_or(ReferenceForm::BY_ID);
        let name = Name { repository, tag, digest, index, id };
        let is_repository =
            name.repository.is_empty() || form.names.is_repository(&name.repository);
        if !is_repository || !name.tag.as_deref().is_none_or(|tag| form.names.is_tag(tag)) {
            return Err(wrong(format!("`{name}` is no name that `{transport}` has")));
        }
        Ok(Self { transport, form, place, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::{LegalNames, PlaceKind, TransportWords};
    use serde_json::{Value, json};

    fn words() -> TransportWords {
        let mut words = TransportWords::default();
        let (names, place) = (LegalNames::Free, PlaceKind::File);
        words.insert("shelf", ReferenceForm { names, place, ..ReferenceForm::LAYOUT });
        words
    }

    fn saved(text: &str) -> Value {
        let reference = Reference::parse(text, &words()).unwrap();
        serde_json::to_value(SavedReference::from(&reference)).unwrap()
    }

    fn read(saved: Value) -> Result<Reference, Fault> {
        Reference::try_from(serde_json::from_value::<SavedReference>(saved).unwrap())
    }

    #[test]
    fn each_form_is_kept() {
        for text in ["quay.io/a/b:1", "oci:/a:x:1", "oci:/a:@3", "dir:/a", "shelf:/a.tar:Any Name"]
        {
            let parsed = Reference::parse(text, &words()).unwrap();
            assert_eq!(read(saved(text)).unwrap(), parsed, "{text}");
            assert_eq!(saved(text).get("form").is_some(), text.starts_with("shelf"), "{text}");
        }
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        let mut other = saved("oci:/a:x:1");
        other["tag"] = json!("Any Name");
        assert_eq!(read(other).unwrap_err().code, "plan::saved");
    }
}
