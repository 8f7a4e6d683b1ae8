//! What can go wrong here, beyond what sessions say.

use crate::diagnostic::{Fault, Origin, Retry};
use crate::oci::edit::EditFault;
use crate::oci::{Digest, ManifestFault};
use crate::transfer::codes;

/// Why an item could not be done.
#[derive(Debug, thiserror::Error)]
pub(super) enum TransferFault {
    /// The source has no such manifest.
    #[error("the source has no manifest `{0}`")]
    Absent(Digest),
    /// A manifest's bytes are not what its digest says.
    #[error("the manifest `{expected}` has the digest `{found}`")]
    Mismatch {
        /// What was asked for.
        expected: Digest,
        /// What the bytes hash to.
        found: Digest,
    },
    /// A manifest cannot be read.
    #[error("{cause}: `{digest}`")]
    Unreadable {
        /// Which.
        digest: Digest,
        /// Why.
        cause: ManifestFault,
    },
    /// Indexes in indexes, without end.
    #[error("the index `{0}` holds too many manifests, too large ones, or is nested too deeply")]
    TooMany(Digest),
    /// The plan says to write an edited manifest, and does not have it.
    #[error("the plan does not hold the edited manifest `{0}`")]
    NoEdit(Digest),
    /// A manifest cannot be made anew over layers that were compressed anew.
    #[error("{cause}: `{digest}`")]
    NotRebuilt {
        /// Which.
        digest: Digest,
        /// Why.
        cause: EditFault,
    },
    /// A layer is not the archive that the config of its image names.
    #[error(
        "the layer `{layer}` unpacks to `{found}`, and the config of its image says `{expected}`"
    )]
    LayerContent {
        /// The layer.
        layer: Digest,
        /// What the config says.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// The item says that nothing is written.
    #[error("the plan says nothing about what to write")]
    NothingToWrite,
    /// A signer made nothing.
    #[error("the signer of `{0}` made no signature")]
    NothingSigned(String),
    /// The code that did it panicked.
    #[error("the engine failed inside")]
    Crashed,
}

impl From<TransferFault> for Fault {
    fn from(fault: TransferFault) -> Self {
        let message = fault.to_string();
        match fault {
            TransferFault::Absent(_) => Self::new(codes::MANIFEST_ABSENT, Origin::Source, message)
                .help(
                    "the source was changed during the run, or its index names images that it \
                     does not have; run again, or cut the index with a `platforms` transform",
                ),
            TransferFault::Mismatch { .. } => {
                Self::new(codes::MANIFEST_MISMATCH, Origin::Source, message).retry(Retry::Backoff)
            }
            TransferFault::Unreadable { .. } => {
                Self::new(codes::MANIFEST_UNREADABLE, Origin::Source, message)
            }
            TransferFault::TooMany(..) => {
                Self::new(codes::TOO_MANY_MANIFESTS, Origin::Source, message)
            }
            TransferFault::NoEdit(_) => Self::new(codes::NO_EDIT, Origin::Local, message),
            TransferFault::NotRebuilt { .. } => {
                Self::new(codes::NOT_REBUILT, Origin::Spec, message)
                    .help("take the image out of the inputs of `compress` with a filter")
            }
            TransferFault::LayerContent { .. } => {
                Self::new(codes::LAYER_CONTENT, Origin::Source, message)
                    .help("the image is damaged or forged: build and push it again")
            }
            TransferFault::NothingToWrite => {
                Self::new(codes::NOTHING_TO_WRITE, Origin::Local, message)
            }
            TransferFault::NothingSigned(_) => {
                Self::new(codes::NOTHING_SIGNED, Origin::Plugin, message)
            }
            TransferFault::Crashed => Self::new(codes::CRASHED, Origin::Local, message)
                .help("this is a defect of the engine: please report it with the log"),
        }
    }
}
