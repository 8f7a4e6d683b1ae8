//! A key file, understood as far as that goes without its passphrase.

use super::{Key, TrustFault, sealed};
use crate::role::Secret;
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of the largest key file; RSA of 8192 bits has 6 KiB.
pub(super) const MAX_FILE_BYTES: usize = 64 << 10;

/// The one PEM block of a file, by what its label says.
pub struct KeyFile {
    form: Form,
    der: Zeroizing<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Sealed,
    Pkcs8,
    Sec1,
    Public,
}

impl KeyFile {
    /// Reads the PEM of a key: `ENCRYPTED SIGSTORE PRIVATE KEY`, `ENCRYPTED COSIGN PRIVATE KEY`,
    /// `PRIVATE KEY` (PKCS#8), `EC PRIVATE KEY` (SEC 1) or `PUBLIC KEY` (SPKI). At most 64 KiB.
    /// Costs nothing: no passphrase is stretched.
    ///
    /// # Errors
    ///
    /// [`TrustFault::NotAKey`] and [`TrustFault::UnsupportedKey`]; neither quotes the file.
    pub fn parse(file: &[u8]) -> Result<Self, TrustFault> {
        let wrong = |what: &str| TrustFault::NotAKey(what.to_owned());
        if file.len() > MAX_FILE_BYTES {
            return Err(wrong("it is larger than 64 KiB"));
        }
        let file = after_parameters(file).trim_ascii();
        let mut decoder = pem_rfc7468::Decoder::new_detect_wrap(file)
            .map_err(|_| wrong("it is no PEM, or has text around its first block"))?;
        let form = Form::of(decoder.type_label())?;
        let mut der = Zeroizing::new(Vec::with_capacity(decoder.remaining_len()));
        decoder.decode_to_end(&mut der).map_err(|_| wrong("its PEM is broken"))?;
        if form == Form::Sealed {
            sealed::check(&der)?;
        }
        Ok(Self { form, der })
    }

    /// Whether a passphrase is needed to open it.
    pub fn is_encrypted(&self) -> bool {
        self.form == Form::Sealed
    }

    /// Whether it is a private key.
    pub fn is_private(&self) -> bool {
        self.form != Form::Public
    }

    /// Opens it. An encrypted one costs up to 128 MiB and half a second of CPU: not for a thread
    /// that others wait for. A passphrase that is not needed is not looked at.
    ///
    /// # Errors
    ///
    /// [`TrustFault::NoPassphrase`], [`TrustFault::WrongPassphrase`], and a key that is none.
    pub fn open(&self, passphrase: Option<&Secret>) -> Result<Key, TrustFault> {
        match self.form {
            Form::Public => Key::of_spki(&self.der),
            Form::Pkcs8 => Key::of_pkcs8(&self.der),
            Form::Sec1 => Key::of_sec1(&self.der),
            Form::Sealed => {
                let passphrase = passphrase.ok_or(TrustFault::NoPassphrase)?;
                Key::of_pkcs8(&sealed::open(&self.der, passphrase)?)
            }
        }
    }
}

impl Form {
    fn of(label: &str) -> Result<Self, TrustFault> {
        Ok(match label {
            "ENCRYPTED SIGSTORE PRIVATE KEY" | "ENCRYPTED COSIGN PRIVATE KEY" => Self::Sealed,
            "PRIVATE KEY" => Self::Pkcs8,
            "EC PRIVATE KEY" => Self::Sec1,
            "PUBLIC KEY" => Self::Public,
            // A label is at most a line of the file, and what is in a label is no secret.
            _ if label.len() <= 64 => {
                return Err(TrustFault::UnsupportedKey(format!("its PEM is of `{label}`")));
            }
            _ => return Err(TrustFault::NotAKey("its PEM has a strange label".to_owned())),
        })
    }
}

/// The file without the name of the curve, which `openssl ecparam -genkey` writes before the key,
/// and which stands in the key too.
fn after_parameters(file: &[u8]) -> &[u8] {
    const BEGIN: &[u8] = b"-----BEGIN EC PARAMETERS-----";
    const END: &[u8] = b"-----END EC PARAMETERS-----";
    if !file.starts_with(BEGIN) {
        return file;
    }
    let end = file.windows(END.len()).position(|window| window == END);
    end.and_then(|end| file.get(end + END.len()..)).unwrap_or(file)
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile").field("form", &self.form).finish_non_exhaustive()
    }
}
