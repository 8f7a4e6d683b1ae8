// From a core module to a component with a manifest.
//
// The build scripts of the engine and of the tests share this file through `#[path]`: what is
// built in and what `engine plugin build` makes are wrapped alike. It names nothing of ours.

use wit_component::ComponentEncoder;

/// The name of the custom section that holds the manifest.
pub(crate) const SECTION: &str = "engine:plugin-manifest";

/// Wraps a core module, which carries its WIT world, and appends the manifest.
pub(crate) fn wrap(module: &[u8], manifest: &str) -> Result<Vec<u8>, String> {
    let failed = |fault: &dyn std::fmt::Display| format!("it is no component: {fault:#}");
    let encoder = ComponentEncoder::default().validate(true);
    let mut encoder = encoder.module(module).map_err(|fault| failed(&fault))?;
    let mut component = encoder.encode().map_err(|fault| failed(&fault))?;
    append(&mut component, manifest);
    Ok(component)
}

/// Appends the manifest to a component as a custom section: id 0, then the sizes of everything, of
/// the name, and both texts. Source: the component model's binary format, which has custom
/// sections as core modules do.
pub(crate) fn append(component: &mut Vec<u8>, manifest: &str) {
    let mut body = leb128(SECTION.len());
    body.extend_from_slice(SECTION.as_bytes());
    body.extend_from_slice(manifest.as_bytes());
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
