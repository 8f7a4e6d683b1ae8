//! What a component imports, read from its types. Nothing is compiled or run.

use super::AuthorFault;
use wit_component::DecodedWasm;

/// The interfaces that a component imports, such as `engine:plugin/fs@0.2.0`.
///
/// # Errors
///
/// [`AuthorFault::NoPlugin`] when the bytes are no component.
pub fn imports(component: &[u8]) -> Result<Vec<String>, AuthorFault> {
    let decoded = wit_component::decode(component)
        .map_err(|error| AuthorFault::NoPlugin(format!("{error:#}")))?;
    let DecodedWasm::Component(resolve, world) = decoded else {
        return Err(AuthorFault::NoPlugin("it is a WIT package".to_owned()));
    };
    let world = resolve.worlds.get(world);
    let keys = world.into_iter().flat_map(|world| world.imports.keys());
    Ok(keys.map(|key| resolve.name_world_key(key)).collect())
}
