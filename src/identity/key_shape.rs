//! How a key is written: its mode, 256 random bits, and letters that tell a whole key from any other text. Pure.

use super::token;

/// Letters behind the secret that say whether it is whole.
const CHECK_LENGTH: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Whether keys spend real credits. A key of one mode is unknown in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMode {
    /// Stripe's test mode or the sandbox.
    Test,
    /// Real money.
    Live,
}

impl KeyMode {
    /// What a key begins with; leak scanners look for it.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Test => "aethel_test_",
            Self::Live => "aethel_live_",
        }
    }

    /// Whether a text has the shape of a key of this mode: the secret, and behind it the letters that check it. Keys
    /// that were made before there were such letters have none.
    pub(super) fn recognises(self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(self.prefix()) else { return false };
        match rest.split_at_checked(token::TOKEN_LENGTH) {
            Some((secret, "")) => token::is_well_formed(secret),
            Some((secret, check)) => token::is_well_formed(secret) && check == checksum(self.prefix(), secret),
            None => false,
        }
    }
}

/// Six letters that a scanner computes too, so that it takes no other text for a key: the CRC-32 of prefix and secret,
/// in base 62.
pub(super) fn checksum(prefix: &str, secret: &str) -> String {
    let bytes = prefix.bytes().chain(secret.bytes());
    let crc = !bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    let mut rest = crc;
    let mut letters = [b'0'; CHECK_LENGTH];
    for letter in letters.iter_mut().rev() {
        *letter = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    letters.iter().map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_of_the_other_mode_is_not_recognised() {
        let letters = "a".repeat(token::TOKEN_LENGTH);
        let whole = format!("{letters}{}", checksum("aethel_test_", &letters));
        assert!(KeyMode::Test.recognises(&format!("aethel_test_{whole}")));
        assert!(!KeyMode::Live.recognises(&format!("aethel_live_{whole}")), "the check letters are of the mode too");
        assert!(!KeyMode::Test.recognises(&format!("aethel_test_{whole}a")));
        assert!(!KeyMode::Test.recognises(&format!("aethel_test_{}", &whole[..48])));
        assert!(!KeyMode::Test.recognises(&format!("Bearer aethel_test_{whole}")));
        assert!(KeyMode::Test.recognises(&format!("aethel_test_{letters}")), "keys of before have no check letters");
    }

    #[test]
    fn the_check_letters_are_those_that_a_scanner_computes() {
        // Python: zlib.crc32(b"aethel_test_" + b"a" * 43), written in base 62 with 0-9A-Za-z.
        assert_eq!(checksum("aethel_test_", &"a".repeat(43)), "0DYkUA");
    }

    proptest! {
        #[test]
        fn one_wrong_letter_is_noticed(letters in "[A-Za-z0-9_-]{43}", place in 12_usize..61, other in "[A-Za-z0-9]") {
            let key = format!("aethel_test_{letters}{}", checksum("aethel_test_", &letters));
            prop_assert!(KeyMode::Test.recognises(&key));
            let spoilt = format!("{}{other}{}", &key[..place], &key[place + 1..]);
            prop_assert_eq!(KeyMode::Test.recognises(&spoilt), spoilt == key);
        }

        #[test]
        fn no_text_makes_the_reader_fall(text in "(aethel_test_)?\\PC{0,70}") {
            let _known = KeyMode::Test.recognises(&text);
        }
    }
}
