//! `types`, `log`, `clock`, `random` and `notes` for guests.

use crate::host::bindings::engine::plugin::{clock, log, notes, random, types};
use crate::host::instance::guest::Guest;
use crate::host::roles::conversions::plain;
use crate::role::{Clock, SystemClock};
use std::io::Read;
use wasmtime::Result;

/// Bytes of one `random.bytes`.
const MAX_RANDOM: u32 = 4096;

impl types::Host for Guest {}

impl notes::Host for Guest {
    async fn note(
        &mut self,
        key: String,
        value: String,
    ) -> Result<std::result::Result<(), types::Fault>> {
        let kept = self.notes.keep(key, value);
        Ok(kept.map_err(|fault| self.give(fault)))
    }

    async fn noted(&mut self, key: String) -> Result<Option<String>> {
        Ok(self.notes.get(&key))
    }
}

impl log::Host for Guest {
    async fn write(&mut self, level: log::Level, line: String) -> Result<()> {
        let before = self.log_bytes;
        // With its end, so that lines without a byte count too.
        self.log_bytes = before.saturating_add(line.len() as u64 + 1);
        if before > self.limits.log_bytes {
            return Ok(());
        }
        let line = if self.log_bytes > self.limits.log_bytes {
            "(further log lines of this call are dropped: the limit is reached)".to_owned()
        } else {
            plain(&line)
        };
        let level = match level {
            log::Level::Error => "error",
            log::Level::Warn => "warn",
            log::Level::Info => "info",
            log::Level::Debug => "debug",
        };
        self.events.log(level, line);
        Ok(())
    }
}

impl clock::Host for Guest {
    async fn now(&mut self) -> Result<u64> {
        Ok(u64::try_from(SystemClock.since_epoch().as_millis()).unwrap_or(u64::MAX))
    }
}

impl random::Host for Guest {
    async fn bytes(&mut self, length: u32) -> Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(length.min(MAX_RANDOM)).unwrap_or_default()];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
