//! From a core module to a component with a manifest, and from there to machine code.

use crate::manifest::{Plugin, SECTION};
use crate::{Failure, config};
use wasmtime::Engine;
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

/// The compiler, for the machine that the engine is built for. Naming the machine turns off
/// the features of this one: the code runs on any processor of that architecture.
pub(crate) fn compiler(machine: &str) -> Result<Engine, Failure> {
    let mut config = config::config();
    config.target(machine).map_err(|fault| format!("no code for {machine}: {fault:#}"))?;
    Engine::new(&config).map_err(|fault| format!("no compiler for {machine}: {fault:#}"))
}

/// Compiles a component ahead.
pub(crate) fn compile(
    engine: &Engine,
    component: &[u8],
    plugin: &Plugin,
) -> Result<Vec<u8>, Failure> {
    let code = engine.precompile_component(component);
    code.map_err(|fault| format!("{} does not compile: {fault:#}", plugin.name))
}
