//! Cuts Rust text into tokens. Knows no grammar.

#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

impl Token {
    pub fn is_name(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Piece {
    /// A name, a number or punctuation.
    Token,
    /// A string literal, quotes and all.
    Text,
    /// A comment, a character, a lifetime, or space.
    Gap,
}

/// Names, numbers and punctuation; comments, strings, characters and lifetimes are left out.
pub fn tokens(text: &str) -> Vec<Token> {
    cut(text).into_iter().filter(|(piece, _)| *piece == Piece::Token).map(|(_, token)| token).collect()
}

/// The string literals, quotes and all; those in comments are none.
pub fn texts(text: &str) -> Vec<Token> {
    cut(text).into_iter().filter(|(piece, _)| *piece == Piece::Text).map(|(_, token)| token).collect()
}

fn cut(text: &str) -> Vec<(Piece, Token)> {
    let characters: Vec<char> = text.chars().collect();
    let mut found: Vec<(Piece, Token)> = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < characters.len() {
        let rest = &characters[at..];
        let after_dot = found.last().is_some_and(|(_, token)| token.text == ".");
        let (length, piece) = match rest {
            ['/', '/', ..] => (until(rest, |c| c == '\n'), Piece::Gap),
            ['/', '*', ..] => (block_comment(rest), Piece::Gap),
            ['r', '#', name, ..] if name.is_alphabetic() => (2 + until(&rest[2..], not_in_name), Piece::Token),
            _ if string_prefix(rest).is_some() => (string_prefix(rest).unwrap_or_default(), Piece::Text),
            ['\'', '\\', ..] => (3 + until(&rest[3.min(rest.len())..], |c| c == '\'') + 1, Piece::Gap),
            ['\'', _, '\'', ..] => (3, Piece::Gap),
            ['\'', ..] => (1 + until(&rest[1..], not_in_name), Piece::Gap),
            [digit, ..] if digit.is_ascii_digit() => (number(rest, after_dot), Piece::Token),
            [start, ..] if start.is_alphabetic() || *start == '_' => (until(rest, not_in_name), Piece::Token),
            [':', ':', ..] => (2, Piece::Token),
            [space, ..] => (1, if space.is_whitespace() { Piece::Gap } else { Piece::Token }),
            [] => break,
        };
        let end = (at + length).min(characters.len());
        if piece != Piece::Gap {
            let text: String = characters[at..end].iter().collect();
            let text = if piece == Piece::Token { text.trim_start_matches("r#").to_owned() } else { text };
            found.push((piece, Token { text, line }));
        }
        line += characters[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    found
}

fn until(characters: &[char], stop: impl Fn(char) -> bool) -> usize {
    characters.iter().position(|c| stop(*c)).unwrap_or(characters.len())
}

fn not_in_name(c: char) -> bool {
    !c.is_alphanumeric() && c != '_'
}

fn block_comment(characters: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < characters.len() {
        match &characters[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of the string literal that begins here, of any kind, if one does.
fn string_prefix(characters: &[char]) -> Option<usize> {
    let prefix = until(characters, |c| !matches!(c, 'b' | 'c' | 'r'));
    let raw = characters[..prefix].contains(&'r');
    let hashes = if raw { until(&characters[prefix..], |c| c != '#') } else { 0 };
    if prefix > 2 || characters.get(prefix + hashes) != Some(&'"') {
        return None;
    }
    let mut at = prefix + hashes + 1;
    while at < characters.len() {
        match characters[at] {
            '\\' if !raw => at += 2,
            '"' if characters[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes => {
                return Some(at + 1 + hashes);
            }
            _ => at += 1,
        }
    }
    Some(characters.len())
}

/// A number, with its fraction unless it is a tuple's field or the start of a range.
fn number(characters: &[char], after_dot: bool) -> usize {
    let whole = until(characters, not_in_name);
    match &characters[whole..] {
        ['.', digit, ..] if digit.is_ascii_digit() && !after_dot => {
            whole + 1 + until(&characters[whole + 1..], not_in_name)
        }
        _ => whole,
    }
}
