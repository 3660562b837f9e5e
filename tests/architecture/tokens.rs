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

/// Names, numbers and punctuation; comments, strings, characters and lifetimes are left out.
pub fn tokens(text: &str) -> Vec<Token> {
    let characters: Vec<char> = text.chars().collect();
    let mut found: Vec<Token> = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < characters.len() {
        let rest = &characters[at..];
        let after_dot = found.last().is_some_and(|token| token.text == ".");
        let (length, keep) = match rest {
            ['/', '/', ..] => (until(rest, |c| c == '\n'), false),
            ['/', '*', ..] => (block_comment(rest), false),
            ['r', '#', name, ..] if name.is_alphabetic() => (2 + until(&rest[2..], not_in_name), true),
            _ if string_prefix(rest).is_some() => (string_prefix(rest).unwrap_or_default(), false),
            ['\'', '\\', ..] => (3 + until(&rest[3.min(rest.len())..], |c| c == '\'') + 1, false),
            ['\'', _, '\'', ..] => (3, false),
            ['\'', ..] => (1 + until(&rest[1..], not_in_name), false),
            [digit, ..] if digit.is_ascii_digit() => (number(rest, after_dot), true),
            [start, ..] if start.is_alphabetic() || *start == '_' => (until(rest, not_in_name), true),
            [':', ':', ..] => (2, true),
            [space, ..] => (1, !space.is_whitespace()),
            [] => break,
        };
        let end = (at + length).min(characters.len());
        if keep {
            let text: String = characters[at..end].iter().collect();
            found.push(Token { text: text.strip_prefix("r#").map_or(text.clone(), String::from), line });
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
