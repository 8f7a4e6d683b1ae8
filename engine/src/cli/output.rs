//! Standard output: data, and nothing but data.

use super::printable;
use std::io::{self, ErrorKind, Write, stdout};

/// Writes text of several lines to standard output. That nobody reads any more is no fault.
pub(super) fn text(text: &str) -> io::Result<()> {
    put(&mut stdout().lock(), &printable::lines(text))
}

/// Writes a JSON document to standard output. That nobody reads any more is no fault.
pub(super) fn json(document: &str) -> io::Result<()> {
    put(&mut stdout().lock(), &printable::json(document))
}

/// Writes text and the end of its last line.
pub(super) fn put(writer: &mut impl Write, text: &str) -> io::Result<()> {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let written = writer
        .write_all(text.as_bytes())
        .and_then(|()| writer.write_all(end.as_bytes()))
        .and_then(|()| writer.flush());
    match written {
        Err(fault) if fault.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Refusing(ErrorKind);

    impl Write for Refusing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn text_ends_with_one_line_end() {
        for (given, written) in [("a", "a\n"), ("a\n", "a\n"), ("", "")] {
            let mut out = Vec::new();
            put(&mut out, given).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), written);
        }
    }

    #[test]
    fn a_closed_pipe_is_no_fault_and_a_full_disk_is() {
        assert!(put(&mut Refusing(ErrorKind::BrokenPipe), "x").is_ok());
        assert!(put(&mut Refusing(ErrorKind::StorageFull), "x").is_err());
    }
}
