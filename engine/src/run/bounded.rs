//! Files and streams that are read whole, up to a bound.

use std::io::Read;
use std::path::Path;

/// Bytes of the largest file that is read here. Source: `spec` refuses more.
const MAX_BYTES: u64 = 8 << 20;

/// The text of a file of at most 8 MiB, or why there is none.
pub(super) fn read_file(path: &Path) -> Result<String, String> {
    read_text(std::fs::File::open(path).map_err(|error| error.to_string())?)
}

/// The text of a stream of at most 8 MiB, or why there is none.
pub(super) fn read_text(from: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::repeat;

    #[test]
    fn a_stream_without_an_end_is_given_up() {
        assert_eq!(read_text(repeat(b'x')).unwrap_err(), "it has more than 8388608 bytes");
        assert_eq!(read_text(repeat(b'x').take(MAX_BYTES)).unwrap().len(), 8 << 20);
        assert_eq!(read_text(&b"\xff"[..]).unwrap_err(), "it is not UTF-8 text");
    }
}
