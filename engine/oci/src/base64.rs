//! Base64 as it stands in signatures, keys and credentials: the one implementation of the engine and
//! its plugins. Its time does not depend on what is encoded, which may be a secret.
//! Source: RFC 4648, section 4.

use base64ct::{Base64, Encoding};

/// The text of bytes, with padding.
pub fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// The bytes; none where it is not base64. Padding is compulsory, and what stands in the bits that
/// carry nothing must be nothing. Line ends are passed over, as Go's decoder does.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    if text.contains(['\r', '\n']) {
        let letters: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        return Base64::decode_vec(&letters).ok();
    }
    Base64::decode_vec(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), bytes.as_bytes());
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)).unwrap(), all);
        assert!(encode(&[0xfb, 0xff]).starts_with("+/8"));
        assert_eq!(decode("Zm9v\r\nYg=\n=").unwrap(), b"foob");
    }

    #[test]
    fn one_text_for_the_same_bytes() {
        for text in [
            "=", "==", "===", "====", "Z", "Zg", "Zg=", "Zg===", "Z===", "Zm8", "Zh==", "Zm9=",
            "Zm9v=", "Zm9v====", "Zg==Zg==", "=Zg=", "Zm-_", "Zm 9", "Zm9v ", "Zmü=", "Zg==Zm9v",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
