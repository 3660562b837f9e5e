//! Text in the letters of the fonts that every PDF reader has: the encoding WinAnsi, and how wide Helvetica is.

/// What stands for a letter that the fonts do not have.
const UNKNOWN: u8 = b'?';

/// Letters with marks that WinAnsi does not have, by the letter without them.
const WITHOUT_MARKS: [(&str, u8); 40] = [
    ("ĀĂĄǍ", b'A'),
    ("āăąǎ", b'a'),
    ("ĆĈĊČ", b'C'),
    ("ćĉċč", b'c'),
    ("ĎĐ", b'D'),
    ("ďđ", b'd'),
    ("ĒĔĖĘĚ", b'E'),
    ("ēĕėęě", b'e'),
    ("ĜĞĠĢ", b'G'),
    ("ĝğġģ", b'g'),
    ("ĤĦ", b'H'),
    ("ĥħ", b'h'),
    ("ĨĪĬĮİǏ", b'I'),
    ("ĩīĭįıǐ", b'i'),
    ("Ĵ", b'J'),
    ("ĵ", b'j'),
    ("Ķ", b'K'),
    ("ķ", b'k'),
    ("ĹĻĽŁ", b'L'),
    ("ĺļľł", b'l'),
    ("ŃŅŇ", b'N'),
    ("ńņň", b'n'),
    ("ŌŎŐǑ", b'O'),
    ("ōŏőǒ", b'o'),
    ("ŔŖŘ", b'R'),
    ("ŕŗř", b'r'),
    ("ŚŜŞȘ", b'S'),
    ("śŝşș", b's'),
    ("ŢŤȚ", b'T'),
    ("ţťț", b't'),
    ("ŨŪŬŮŰŲ", b'U'),
    ("ũūŭůűų", b'u'),
    ("Ŵ", b'W'),
    ("ŵ", b'w'),
    ("Ŷ", b'Y'),
    ("ŷ", b'y'),
    ("ŹŻ", b'Z'),
    ("źż", b'z'),
    // The typographer's minus; the dash of the same width stands for it.
    ("−", 0x96),
    ("\u{202f}\u{2009}", b' '),
];

/// What WinAnsi has between 0x80 and 0x9f, where it differs from Latin-1.
const BETWEEN: [(char, u8); 27] = [
    ('€', 0x80),
    ('‚', 0x82),
    ('ƒ', 0x83),
    ('„', 0x84),
    ('…', 0x85),
    ('†', 0x86),
    ('‡', 0x87),
    ('ˆ', 0x88),
    ('‰', 0x89),
    ('Š', 0x8a),
    ('‹', 0x8b),
    ('Œ', 0x8c),
    ('Ž', 0x8e),
    ('‘', 0x91),
    ('’', 0x92),
    ('“', 0x93),
    ('”', 0x94),
    ('•', 0x95),
    ('–', 0x96),
    ('—', 0x97),
    ('˜', 0x98),
    ('™', 0x99),
    ('š', 0x9a),
    ('›', 0x9b),
    ('œ', 0x9c),
    ('ž', 0x9e),
    ('Ÿ', 0x9f),
];

/// Widths of Helvetica's letters from the space to the tilde, in thousandths of the size.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];
/// What most other letters of a name are as wide as, and none of a figure.
const WIDTH_OF_OTHERS: u16 = 667;
const FIRST: u8 = b' ';
/// The dash that stands for a minus.
const DASH: u8 = 0x96;
const WIDTH_OF_DASH: u16 = 556;

/// The bytes of a text, and whether every letter of it is there.
pub(super) fn encode(text: &str) -> (Vec<u8>, bool) {
    let mut whole = true;
    let bytes = text
        .chars()
        .map(|letter| {
            code(letter).unwrap_or_else(|| {
                whole = false;
                UNKNOWN
            })
        })
        .collect();
    (bytes, whole)
}

fn code(letter: char) -> Option<u8> {
    match letter {
        ' '..='~' => u8::try_from(letter).ok(),
        '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(letter)).ok(),
        // A line is one line, whatever a name has in it.
        letter if letter.is_control() => Some(b' '),
        letter => {
            let between = BETWEEN.iter().find(|(known, _)| *known == letter).map(|(_, byte)| *byte);
            between.or_else(|| WITHOUT_MARKS.iter().find(|(known, _)| known.contains(letter)).map(|(_, byte)| *byte))
        }
    }
}

/// How wide these bytes are in Helvetica, in thousandths of the size.
pub(super) fn width(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(width_of(*byte))).sum()
}

fn width_of(byte: u8) -> u16 {
    if byte == DASH {
        return WIDTH_OF_DASH;
    }
    byte.checked_sub(FIRST).and_then(|place| WIDTHS.get(usize::from(place))).copied().unwrap_or(WIDTH_OF_OTHERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_what_the_fonts_have_loses_marks_that_they_do_not_and_says_what_is_missing() {
        assert_eq!(encode("Ada (Lovelace)"), (b"Ada (Lovelace)".to_vec(), true));
        assert_eq!(encode("Zoë Ångström ß"), (b"Zo\xeb \xc5ngstr\xf6m \xdf".to_vec(), true));
        assert_eq!(encode("Łukasz Őri €5"), (b"Lukasz Ori \x805".to_vec(), true));
        assert_eq!(encode("李 Ltd\n"), (b"? Ltd ".to_vec(), false));
        assert_eq!(encode("−$1"), (b"\x96$1".to_vec(), true));
    }

    #[test]
    fn figures_are_all_as_wide() {
        for digit in 0..=9 {
            assert_eq!(width(digit.to_string().as_bytes()), 556);
        }
        assert_eq!(width(b"$1,000.00"), 556 * 7 + 278 * 2);
    }
}
