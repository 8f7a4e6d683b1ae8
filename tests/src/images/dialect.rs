//! The two families of media types.

use engine_oci::media_type;

/// Which family of media types an image speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// OCI's.
    Oci,
    /// Docker's schema 2.
    Docker,
}

impl Dialect {
    /// The media type of an image's manifest.
    pub fn manifest(self) -> &'static str {
        match self {
            Self::Oci => media_type::OCI_MANIFEST,
            Self::Docker => media_type::DOCKER_MANIFEST,
        }
    }

    /// The media type of an index or a list.
    pub fn index(self) -> &'static str {
        match self {
            Self::Oci => media_type::OCI_INDEX,
            Self::Docker => media_type::DOCKER_LIST,
        }
    }

    /// The media type of an image's config.
    pub fn config(self) -> &'static str {
        match self {
            Self::Oci => media_type::OCI_CONFIG,
            Self::Docker => media_type::DOCKER_CONFIG,
        }
    }

    /// The media type of a layer with gzip.
    pub fn layer(self) -> &'static str {
        match self {
            Self::Oci => "application/vnd.oci.image.layer.v1.tar+gzip",
            Self::Docker => "application/vnd.docker.image.rootfs.diff.tar.gzip",
        }
    }

    /// The media type of a layer that must not be distributed.
    pub fn foreign_layer(self) -> &'static str {
        match self {
            Self::Oci => "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            Self::Docker => "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        }
    }
}
