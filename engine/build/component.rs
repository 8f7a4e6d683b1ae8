//! From a core module to a component with a manifest.

use crate::Failure;
use crate::manifest::{Plugin, SECTION};
use wit_component::ComponentEncoder;

/// Wraps a core module, which carries its WIT world, and appends the manifest.
pub(crate) fn wrap(module: &[u8], plugin: &Plugin) -> Result<Vec<u8>, Failure> {
    let failed = |what: &dyn std::fmt::Display| format!("{} is no component: {what}", plugin.name);
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true);
    encoder.module(module).map_err(|fault| failed(&format!("{fault:#}")))?;
    let mut component = encoder.encode().map_err(|fault| failed(&format!("{fault:#}")))?;
    append_section(&mut component, SECTION, plugin.section.as_bytes());
    Ok(component)
}

/// Appends a custom section: id 0, then the sizes of everything, of the name, and both texts.
/// Source: the component model's binary format, which has custom sections as core modules do.
fn append_section(component: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut body = leb128(name.len());
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(content);
    component.push(0);
    component.extend(leb128(body.len()));
    component.extend(body);
}

/// An unsigned number in seven bits a byte, lowest first.
fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
