//! `keys` and `material` for guests: what the spec granted by name, and nothing else.
//!
//! A private key never gets here: a guest gets signatures, of messages that the engine has read and
//! that are about the image that the guest was called for. `oci::SignedForm` reads them.

use super::handle::GrantedKey;
use crate::diagnostic::{Code, Fault, Origin};
use crate::host::bindings::engine::plugin::keys::{Host, HostKey};
use crate::host::bindings::engine::plugin::material;
use crate::host::bindings::engine::plugin::types::Fault as WitFault;
use crate::host::codes;
use crate::host::imports::blocking::blocking;
use crate::host::imports::directory::no_waiting;
use crate::host::instance::guest::Guest;
use crate::host::instance::image_in_hand::ImageToSign;
use crate::host::roles::conversions::plain;
use crate::oci::{SignedForm, SignedFormFault};
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::Result;
use wasmtime::component::Resource;

/// Bytes of a message to be signed or checked. Source: `wit/keys.wit`.
const MAX_MESSAGE: usize = 1 << 20;
/// Bytes of a granted file. Source: `wit/material.wit`.
const MAX_MATERIAL: u64 = 4 << 20;

type Returned<T> = Result<std::result::Result<T, WitFault>>;

impl Guest {
    /// Notes that the guest asked for what it was not granted.
    pub(in crate::host) fn refuse(&self, wanted: &str, help: &str) -> Fault {
        let message = format!("step `{}` was not granted {wanted}", self.call_access.step);
        self.events.refused(wanted);
        Fault::new(codes::NOT_GRANTED, Origin::Plugin, message).help(help)
    }

    /// Notes that a signer wanted a signature of what is not signed.
    fn refuse_to_sign(&self, key: &GrantedKey, code: Code, why: String) -> Fault {
        self.events.refused(&plain(&format!("to sign with `{}`: {why}", key.name)));
        Fault::new(code, Origin::Plugin, why).fact("key", key.name.as_str()).help(
            "a signer signs what `engine plugin wit` lists, for the image that it is called for",
        )
    }

    fn sign_for(
        &mut self,
        key: &GrantedKey,
        scheme: &str,
        message: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let Some(ImageToSign { digest, name }) = self.show.signing.clone() else {
            let wanted = format!("to sign with `{}`", key.name);
            return Err(self.refuse(&wanted, "only signers sign"));
        };
        if message.len() > MAX_MESSAGE {
            let why = format!("the message has more than {MAX_MESSAGE} bytes");
            return Err(self.refuse_to_sign(key, codes::UNKNOWN_FORM, why));
        }
        if let Err(fault) = SignedForm::of_image(message, &digest, name.as_deref()) {
            let code = match fault {
                SignedFormFault::Unknown(_) => codes::UNKNOWN_FORM,
                SignedFormFault::OtherSubject { .. } | SignedFormFault::OtherName { .. } => {
                    codes::OTHER_SUBJECT
                }
            };
            return Err(self.refuse_to_sign(key, code, fault.to_string()));
        }
        let made = key.key.sign(scheme, message)?;
        self.events.key_used(&key.name, digest);
        Ok(made)
    }
}

impl Host for Guest {
    async fn open(&mut self, name: String) -> Returned<Resource<GrantedKey>> {
        let since = Instant::now();
        self.count_request()?;
        if !self.granted_keys.contains(&name) {
            let wanted = format!("the key `{}`", plain(&name));
            let fault = self.refuse(&wanted, "name it in `grants: {keys: [NAME]}` of the plugin");
            return Ok(Err(self.give(fault)));
        }
        let opened = self.keys.open(&name).await;
        self.leave_import(since);
        match opened {
            Ok(key) if self.signs && !key.can_sign() => {
                let message = format!("the key `{name}` is public, and only a private one signs");
                let fault = Fault::new(codes::SETTINGS, Origin::Spec, message)
                    .help(format!("name the private key's file in `keys.{name}.file`"));
                Ok(Err(self.give(fault)))
            }
            Ok(key) => {
                self.open_handle()?;
                Ok(Ok(self.table.push(GrantedKey { name, key })?))
            }
            Err(fault) => Ok(Err(self.give(fault))),
        }
    }

    async fn verify(
        &mut self,
        scheme: String,
        public: Vec<u8>,
        message: Vec<u8>,
        signature: Vec<u8>,
    ) -> Result<bool> {
        Ok(self.keys.verify(&scheme, &public, &message, &signature))
    }
}

impl HostKey for Guest {
    async fn schemes(&mut self, key: Resource<GrantedKey>) -> Result<Vec<String>> {
        Ok(self.table.get(&key)?.key.schemes())
    }

    async fn public(&mut self, key: Resource<GrantedKey>) -> Result<Vec<u8>> {
        Ok(self.table.get(&key)?.key.public())
    }

    async fn sign(
        &mut self,
        key: Resource<GrantedKey>,
        scheme: String,
        message: Vec<u8>,
    ) -> Returned<Vec<u8>> {
        self.count_request()?;
        let granted = self.table.get(&key)?;
        let granted = GrantedKey { name: granted.name.clone(), key: Arc::clone(&granted.key) };
        let made = self.sign_for(&granted, &scheme, &message);
        Ok(made.map_err(|fault| self.give(fault)))
    }

    async fn drop(&mut self, key: Resource<GrantedKey>) -> Result<()> {
        self.close_handle();
        Ok(self.table.delete(key).map(drop)?)
    }
}

impl material::Host for Guest {
    async fn get(&mut self, name: String) -> Returned<Vec<u8>> {
        let since = Instant::now();
        self.count_request()?;
        let read = if let Some(path) = self.materials.get(&name).cloned() {
            blocking(move |_| read(&path, &name)).await
        } else {
            let wanted = format!("the file `{}`", plain(&name));
            let help = "name it in `grants: {files: {NAME: PATH}}` of the plugin";
            Err(self.refuse(&wanted, help))
        };
        self.leave_import(since);
        Ok(read.map_err(|fault| self.give(fault)))
    }
}

fn read(path: &std::path::Path, name: &str) -> std::result::Result<Vec<u8>, Fault> {
    let failed = |why: String| {
        let message = format!("the file `{name}` could not be read: {why}");
        Fault::new(codes::IO, Origin::Spec, message)
    };
    let opened = OpenOptions::new().read(true).custom_flags(no_waiting()).open(path);
    let file = opened.map_err(|error| failed(error.to_string()))?;
    if !file.metadata().is_ok_and(|meta| meta.is_file()) {
        return Err(failed("it is no plain file".to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(MAX_MATERIAL + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > MAX_MATERIAL {
        return Err(failed(format!("it has more than {MAX_MATERIAL} bytes")));
    }
    Ok(bytes)
}
