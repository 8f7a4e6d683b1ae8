//! The sealed form of private keys that cosign and Skopeo share: a passphrase is stretched by
//! scrypt into the key of a `NaCl` secretbox, which holds the PKCS#8 document.
//!
//! Source: go-securesystemslib, package `encrypted`; `NaCl`, `crypto_secretbox`.

use super::TrustFault;
use crate::oci::base64;
use crate::role::Secret;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rand;
use poly1305::Poly1305;
use poly1305::universal_hash::KeyInit;
use salsa20::XSalsa20;
use salsa20::cipher::{KeyIvInit, StreamCipher};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What scrypt may cost (`N`), as cosign accepts it: old keys, keys of today, and stronger ones.
/// The largest takes 128 MiB; a file that asks for more is refused before anything is allocated.
const COSTS: [u64; 3] = [1 << 15, 1 << 16, 1 << 17];

/// What new keys cost: 64 MiB and about 0.3 s.
const NEW_COST: u64 = 1 << 16;

const BLOCK_SIZE: u32 = 8;
const PARALLEL: u32 = 1;
const KEY_BYTES: usize = 32;
const SALT_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

const KDF: &str = "scrypt";
const CIPHER: &str = "nacl/secretbox";

/// The document inside the PEM.
#[derive(Serialize, Deserialize)]
struct Document {
    kdf: Kdf,
    cipher: Cipher,
    ciphertext: String,
}

#[derive(Serialize, Deserialize)]
struct Kdf {
    name: String,
    params: Costs,
    salt: String,
}

#[derive(Serialize, Deserialize)]
struct Costs {
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
}

#[derive(Serialize, Deserialize)]
struct Cipher {
    name: String,
    nonce: String,
}

/// Opens a sealed document. Costs up to 128 MiB and, optimized, half a second of CPU.
pub(super) fn open(document: &[u8], passphrase: &Secret) -> Result<Zeroizing<Vec<u8>>, TrustFault> {
    let Sealed { costs, salt, nonce, tag, mut text } = Sealed::read(document)?;
    let key = stretch(passphrase, &salt, &costs)?;
    let (mut cipher, authenticator) = begin(&key, &nonce);
    let expected = authenticator.compute_unpadded(&text);
    verify_slices_are_equal(expected.as_slice(), &tag).map_err(|_| TrustFault::WrongPassphrase)?;
    cipher.apply_keystream(&mut text);
    Ok(Zeroizing::new(text))
}

/// Whether a document is well formed, without opening it.
pub(super) fn check(document: &[u8]) -> Result<(), TrustFault> {
    Sealed::read(document).map(drop)
}

/// Seals a private key.
pub(super) fn seal(plain: &[u8], passphrase: &Secret) -> Result<Vec<u8>, TrustFault> {
    let mut salt = [0; SALT_BYTES];
    let mut nonce = [0; NONCE_BYTES];
    let no_random = |_| TrustFault::Failed("make random numbers");
    rand::fill(&mut salt).map_err(no_random)?;
    rand::fill(&mut nonce).map_err(no_random)?;
    let costs = Costs { n: NEW_COST, r: BLOCK_SIZE, p: PARALLEL };
    let key = stretch(passphrase, &salt, &costs)?;
    let (mut cipher, authenticator) = begin(&key, &nonce);
    let mut text = plain.to_vec();
    cipher.apply_keystream(&mut text);
    let mut ciphertext = authenticator.compute_unpadded(&text).to_vec();
    ciphertext.append(&mut text);
    let document = Document {
        kdf: Kdf { name: KDF.to_owned(), params: costs, salt: base64::encode(&salt) },
        cipher: Cipher { name: CIPHER.to_owned(), nonce: base64::encode(&nonce) },
        ciphertext: base64::encode(&ciphertext),
    };
    serde_json::to_vec(&document).map_err(|_| TrustFault::Failed("write the key"))
}

/// A document whose every part has a form and a size that is computed with.
struct Sealed {
    costs: Costs,
    salt: Vec<u8>,
    nonce: [u8; NONCE_BYTES],
    tag: [u8; TAG_BYTES],
    text: Vec<u8>,
}

impl Sealed {
    fn read(document: &[u8]) -> Result<Self, TrustFault> {
        let wrong = |what: &str| TrustFault::NotAKey(format!("its encrypted form has {what}"));
        // The parser's own message may quote the document.
        let Document { kdf, cipher, ciphertext } =
            serde_json::from_slice(document).map_err(|_| wrong("another shape"))?;
        if kdf.name != KDF || cipher.name != CIPHER {
            return Err(TrustFault::UnsupportedKey(format!(
                "it is encrypted by other means than {KDF} and {CIPHER}"
            )));
        }
        let costs = kdf.params;
        if !COSTS.contains(&costs.n) || (costs.r, costs.p) != (BLOCK_SIZE, PARALLEL) {
            return Err(TrustFault::UnsupportedKey(
                "its scrypt costs are not those of cosign: N is 32768, 65536 or 131072, r is 8, \
                 p is 1"
                    .to_owned(),
            ));
        }
        let decode = |text: &str, what| base64::decode(text).ok_or_else(|| wrong(what));
        let salt = decode(&kdf.salt, "a broken salt")?;
        let nonce = decode(&cipher.nonce, "a broken nonce")?;
        let nonce = nonce.try_into().map_err(|_| wrong("a nonce of another length"))?;
        let sealed = decode(&ciphertext, "a broken ciphertext")?;
        let (tag, text) = sealed.split_first_chunk().ok_or_else(|| wrong("no ciphertext"))?;
        Ok(Self { costs, salt, nonce, tag: *tag, text: text.to_vec() })
    }
}

fn stretch(
    passphrase: &Secret,
    salt: &[u8],
    costs: &Costs,
) -> Result<Zeroizing<[u8; KEY_BYTES]>, TrustFault> {
    let failed = TrustFault::Failed("stretch the passphrase");
    // N is one of `COSTS`, so its logarithm is between 15 and 17.
    let log = u8::try_from(costs.n.trailing_zeros()).map_err(|_| failed.clone())?;
    let params = scrypt::Params::new(log, costs.r, costs.p).map_err(|_| failed.clone())?;
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    scrypt::scrypt(passphrase.reveal().as_bytes(), salt, &params, &mut *key).map_err(|_| failed)?;
    Ok(key)
}

/// The cipher at its first byte of text, and the authenticator, whose key is the 32 bytes of key
/// stream before it.
fn begin(key: &[u8; KEY_BYTES], nonce: &[u8; NONCE_BYTES]) -> (XSalsa20, Poly1305) {
    let mut cipher = <XSalsa20 as KeyIvInit>::new(key.into(), nonce.into());
    let mut first = Zeroizing::new([0; KEY_BYTES]);
    cipher.apply_keystream(&mut *first);
    (cipher, Poly1305::new((&*first).into()))
}
