//! The faults of a survey.

use crate::diagnostic::{Fault, Origin};
use crate::oci::edit::EditFault;
use crate::oci::{Digest, ManifestFault, Reference, ReferenceFault};
use crate::survey::codes;

/// An image that is named one by one is not there.
pub(super) fn absent(image: &Reference) -> Fault {
    Fault::new(codes::ABSENT, Origin::Source, format!("`{image}` does not exist"))
        .at(image.to_string())
}

/// A tag and a digest were given, and the tag points to something else.
pub(super) fn pin_broken(image: &Reference, found: &Digest) -> Fault {
    let message = format!("the tag of `{image}` points to `{found}`");
    Fault::new(codes::PIN_BROKEN, Origin::Source, message)
        .at(image.to_string())
        .help("remove the tag to copy by digest, or write the digest that is meant")
}

/// A manifest cannot be read as one.
pub(super) fn manifest(image: &Reference, cause: &ManifestFault) -> Fault {
    Fault::new(codes::MANIFEST, Origin::Source, cause.to_string()).at(image.to_string())
}

/// A config cannot be read as one.
pub(super) fn config(image: &Reference, cause: &serde_json::Error) -> Fault {
    let message = format!("the config is not readable: {cause}");
    Fault::new(codes::CONFIG, Origin::Source, message).at(image.to_string())
}

/// A manifest cannot take an edit.
pub(super) fn edit(image: &Reference, step: &str, cause: &EditFault) -> Fault {
    Fault::new(codes::EDIT, Origin::Spec, cause.to_string())
        .at(image.to_string())
        .fact("step", step)
        .help("take the image out of this step's inputs with a filter")
}

/// A destination, as filled in, is not a reference.
pub(super) fn destination(image: &Reference, cause: &ReferenceFault) -> Fault {
    Fault::new(codes::DESTINATION, Origin::Spec, cause.to_string())
        .at(image.to_string())
        .help("look at the sink's `to:`")
}

/// A template has the tag of an image that has none.
pub(super) fn no_tag(image: &Reference, step: &str) -> Fault {
    let message = format!("`{image}` has no tag, and `{{{{ item.tag }}}}` stands in `{step}`");
    Fault::new(codes::NO_TAG, Origin::Spec, message).at(image.to_string()).fact("step", step).help(
        "write a tag there, or leave `:{{ item.tag }}` out: an image without a tag goes by its digest",
    )
}

/// A destination has the repository of an image whose name has none, as `oci:PATH:3.20`.
pub(super) fn no_repository(image: &Reference, cause: &ReferenceFault) -> Fault {
    let message = format!(
        "the name of `{image}` has no repository for `{{{{ item.source.repo }}}}`: {cause}"
    );
    Fault::new(codes::DESTINATION, Origin::Spec, message)
        .at(image.to_string())
        .help("write the repository in the sink's `to:`")
}

/// A destination by digest would get another digest, because a transform changed the image.
pub(super) fn other_digest(destination: &Reference, wanted: &Digest) -> Fault {
    let message = format!("`{destination}` would get the digest `{wanted}` from its transforms");
    Fault::new(codes::DESTINATION_DIGEST, Origin::Spec, message)
        .help("leave `item.digest` out of the sink's `to:`")
}

/// A destination by digest would get a digest that is known only after it is written.
pub(super) fn unknown_digest(destination: &Reference) -> Fault {
    let message = format!(
        "`{destination}` names a digest, and what its transforms make is known only after it is done"
    );
    Fault::new(codes::DESTINATION_DIGEST, Origin::Spec, message)
        .help("leave `item.digest` out of the sink's `to:`")
}

/// The survey was asked to stop before it came to this.
pub(super) fn stopped() -> Fault {
    Fault::new(codes::STOPPED, Origin::Local, "the run was asked to stop")
}

/// A repository that the spec names has nothing.
pub(super) fn no_tags(repository: &Reference) -> Fault {
    let message = format!("`{repository}` has no tags, or does not exist");
    Fault::new(codes::NO_TAGS, Origin::Source, message).at(repository.to_string())
}

/// A pattern of repositories matches none.
pub(super) fn no_repositories(place: &str, glob: &str) -> Fault {
    let message = format!("`{place}` has no repository that matches `{glob}`");
    Fault::new(codes::NO_REPOSITORIES, Origin::Source, message).at(place.to_owned())
}
