// How components are compiled and run: the one function that makes wasmtime's `Config`.
//
// Compiled code can only be loaded by an engine with the settings that it was compiled with, so
// the build script and the host share this file through `#[path]`. It names nothing of ours.

use wasmtime::Config;

/// Bytes of a guest's stack. wasmtime's own default, written down since compiled code depends on
/// it; a guest that recurses beyond it traps.
const MAX_STACK_BYTES: usize = 512 * 1024;

/// The settings of the sandbox.
///
/// What no plugin needs is off: threads, shared memory and 64-bit memories widen what a guest can
/// try and gain nothing here.
pub(crate) fn config() -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.epoch_interruption(true);
    config.max_wasm_stack(MAX_STACK_BYTES);
    config.wasm_memory64(false);
    // Nobody reads what maps code back to a component's instructions: a trap says what it is, and
    // not where. Without those tables the code that each run copies is a sixth smaller.
    config.wasm_backtrace_max_frames(None);
    config.generate_address_map(false);
    config.native_unwind_info(false);
    config
}
