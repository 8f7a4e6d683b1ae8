//! Breaks the rules of its own memory: what it gives to the engine is no text, lies where it has no
//! memory, or is a handle that is not its own.
//!
//! The one guest with `unsafe` code, as safe code cannot say such things.
#![expect(unsafe_code, reason = "what this guest is there for")]

use engine_plugin_sdk::http::Request;
use engine_plugin_sdk::{Fault, Source};
use guest_stage::{Hostile, Stage};
use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where no guest has memory: its limit is far below.
const BEYOND: usize = 0xfff0_0000;

/// What all allocations give, if it is not 0.
static GIVEN: AtomicUsize = AtomicUsize::new(0);

/// The guest.
pub struct Crooked;

engine_plugin_sdk::export_transport!(Stage<Crooked>);

/// An allocator that can be told to give what is not there. The engine asks it for room for each
/// answer.
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

// SAFETY: none. Once told to, it gives memory that does not exist, or is another's.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match GIVEN.load(Ordering::Relaxed) {
            // SAFETY: the caller's promises are passed on.
            0 => unsafe { System.alloc(layout) },
            given => std::ptr::without_provenance_mut(given),
        }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        if GIVEN.load(Ordering::Relaxed) == 0 {
            // SAFETY: the caller's promises are passed on.
            unsafe { System.dealloc(at, layout) }
        }
    }
}

impl Hostile for Crooked {
    fn act(what: &str) -> Result<(), Fault> {
        let mut fault = Fault::io("crooked");
        match what {
            "divide" => fault.retry_after = Some(u64::from(divided(black_box(0)))),
            // SAFETY: none; there is no memory to read.
            "read" => fault.retry_after = Some(unsafe { *(BEYOND as *const u64) }),
            "no-text" => fault.message = no_text(b"\xff\xfe\xc0\x80"),
            "half-a-text" => fault.message = no_text(b"\xe2\x82"),
            "surrogate" => fault.message = no_text(b"\xed\xa0\x80"),
            "beyond" => fault.message = text_at(BEYOND, 1024),
            "across" => fault.message = text_at(1024, u32::MAX as usize / 2),
            "around" => fault.message = text_at(BEYOND, 0x7fff_ffff),
            "list" => fault.extra = pairs_at(BEYOND, 1 << 10),
            "long-list" => fault.extra = pairs_at(1024, 0x0700_0000),
            "room-beyond" => return crooked_room(BEYOND),
            "room-of-others" => return crooked_room(1025),
            "guessed" => guessed(1_000),
            "of-others" => (0..64).for_each(guessed),
            "twice" => twice(),
            "log" => engine_plugin_sdk::log(engine_plugin_sdk::Level::Error, &no_text(b"\xff")),
            _ => drop(Request::new("GET", no_text(b"http://\xff/")).send()),
        }
        Err(fault)
    }
}

/// A handle that it was never given.
#[cfg(target_family = "wasm")]
fn guessed(number: u32) {
    use engine_plugin_sdk::bindings::engine::plugin::body;
    // SAFETY: none; the handle is not ours.
    black_box(unsafe { body::Source::from_handle(number) }.size());
}

/// A handle that it gave away.
#[cfg(target_family = "wasm")]
fn twice() {
    use engine_plugin_sdk::bindings::engine::plugin::body;
    let source = body::Source::from_bytes(b"x");
    // SAFETY: none; there are two owners.
    let again = unsafe { body::Source::from_handle(source.handle()) };
    drop(body::Source::concat(vec![source, again]));
}

/// There are handles in the engine only.
#[cfg(not(target_family = "wasm"))]
fn guessed(_: u32) {}

#[cfg(not(target_family = "wasm"))]
fn twice() {}

/// A division that nothing checks.
fn divided(by: u32) -> u32 {
    // SAFETY: none; `by` is 0.
    unsafe { std::hint::assert_unchecked(by != 0) };
    black_box(1_u32) / by
}

fn no_text(bytes: &[u8]) -> String {
    // SAFETY: none; it is no text.
    unsafe { String::from_utf8_unchecked(bytes.to_vec()) }
}

#[expect(clippy::same_length_and_capacity, reason = "neither is true")]
fn text_at(at: usize, length: usize) -> String {
    // SAFETY: none; there is no such memory.
    unsafe { String::from_raw_parts(std::ptr::without_provenance_mut(at), length, length) }
}

#[expect(clippy::same_length_and_capacity, reason = "neither is true")]
fn pairs_at(at: usize, length: usize) -> Vec<(String, String)> {
    // SAFETY: none; there is no such memory.
    unsafe { Vec::from_raw_parts(std::ptr::without_provenance_mut(at), length, length) }
}

/// Has the engine write its answer where there is no room.
fn crooked_room(at: usize) -> Result<(), Fault> {
    let source = Source::from_bytes(&[b'x'; 4096]);
    GIVEN.store(at, Ordering::Relaxed);
    let read = source.read_all(4096).map(|bytes| black_box(bytes).len());
    GIVEN.store(0, Ordering::Relaxed);
    read.map(drop)
}
