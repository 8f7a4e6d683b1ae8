//! The audit: what matters to security, one JSON object a line, added to what earlier runs wrote.

use super::EventStream;
use crate::event::{Event, Reader};
use crate::role::Clock;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

/// Keeps what a run used, refused and changed. A new file is its owner's alone.
pub(in crate::cli) struct Audit(EventStream);

impl Audit {
    /// Opens the file, which is never made shorter.
    pub(in crate::cli) fn open(path: &Path, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        EventStream::open(Box::new(file), clock).map(Self)
    }

    /// Whether a line could not be written.
    pub(in crate::cli) fn is_broken(&self) -> bool {
        self.0.is_broken()
    }
}

impl Reader for Audit {
    fn read(&self, event: &Event) {
        if event.is_for_the_audit() {
            self.0.read(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::SystemClock;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_added_to_and_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        for _ in 0..2 {
            let audit = Audit::open(&path, Arc::new(SystemClock)).unwrap();
            let (step, wanted) = ("s".to_owned(), "https://elsewhere".to_owned());
            audit.read(&Event::GrantRefused { step, wanted });
            audit.read(&Event::SurveyFinished { step: "s".to_owned(), images: 3 });
            assert!(!audit.is_broken());
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches("grant-refused").count(), 2, "{text}");
        assert!(!text.contains("survey-finished"), "{text}");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
