//! Base64 as signatures are written. Source: RFC 4648, section 4.
//!
//! Written here because a package would be one more thing that every component stands on.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let value = group.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
        let value = value << (8 * (3 - group.len()));
        for at in 0..4 {
            let letter = ALPHABET.get((value >> (18 - 6 * at)) as usize & 63);
            let letter = letter.filter(|_| at <= group.len());
            text.push(letter.map_or('=', |letter| char::from(*letter)));
        }
    }
    text
}

/// The bytes; none where it is not base64. Padding is compulsory, and what stands in the bits that
/// carry nothing must be nothing. Line ends are passed over, as Go's decoder does.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    if !letters.len().is_multiple_of(4) {
        return None;
    }
    let padding = letters.iter().rev().take_while(|letter| **letter == b'=').count();
    let body = letters.get(..letters.len().checked_sub(padding)?)?;
    let mut bytes = Vec::with_capacity(letters.len() / 4 * 3);
    for group in body.chunks(4) {
        let mut value = 0_u32;
        for letter in group {
            let digit = ALPHABET.iter().position(|known| known == letter)?;
            value = value << 6 | u32::try_from(digit).ok()?;
        }
        let spare = 4 - group.len();
        let [_, whole @ ..] = (value << (6 * spare)).to_be_bytes();
        let (carried, rest) = whole.split_at_checked(3_usize.checked_sub(spare)?)?;
        bytes.extend(carried);
        if rest.iter().any(|byte| *byte != 0) {
            return None;
        }
    }
    (padding < 3 && bytes.len() == letters.len() / 4 * 3 - padding).then_some(bytes)
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
