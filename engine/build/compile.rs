//! From a component to machine code.

use crate::manifest::Plugin;
use crate::{Failure, config};
use wasmtime::Engine;

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
