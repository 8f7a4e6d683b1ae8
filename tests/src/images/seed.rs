//! Where all randomness comes from.

/// A source of numbers and bytes that follows from one number alone.
///
/// The generator is `SplitMix64`, so that no package can change what a seed means.
#[derive(Debug, Clone)]
pub struct Seed(u64);

const WORDS: [&str; 8] =
    ["layer ", "blob ", "manifest ", "index ", "digest ", "registry ", "tag\n", "engine\n"];

impl Seed {
    /// Starts from a number.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.number() % bound as u64).expect("below a usize")
    }

    /// Bytes that no codec makes smaller.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            bytes.extend_from_slice(&self.number().to_le_bytes());
        }
        bytes.truncate(length);
        bytes
    }

    /// Text that every codec makes smaller.
    pub fn text(&mut self, length: usize) -> Vec<u8> {
        let mut text = Vec::with_capacity(length + 16);
        while text.len() < length {
            let at = self.below(WORDS.len());
            text.extend_from_slice(WORDS[at].as_bytes());
        }
        text.truncate(length);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn a_seed_means_the_same_for_ever() {
        let mut seed = Seed::new(1);
        assert_eq!(seed.number(), 0x910A_2DEC_8902_5CC1);
        assert_eq!(seed.bytes(3).len(), 3);
        assert_eq!(Seed::new(2).text(40), Seed::new(2).text(40));
        assert_ne!(Seed::new(2).bytes(16), Seed::new(3).bytes(16));
    }
}
