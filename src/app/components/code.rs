//! A program to be read: keywords, comments, line numbers and a mark under the line at fault.
//!
//! Not a parser: it colours words. What a program means is the language room's matter.

use leptos::prelude::*;

const KEYWORDS: [&str; 21] = [
    "intent",
    "atomic_batch",
    "guard",
    "solve",
    "verify",
    "let",
    "assert",
    "prove",
    "conserve",
    "keep",
    "return",
    "if",
    "else",
    "and",
    "or",
    "not",
    "true",
    "false",
    "secret",
    "external",
    "old",
];

/// Shows a program.
#[component]
pub fn CodeBlock(
    source: String,
    /// The line to mark, counted from one; none when 0.
    #[prop(default = 0)]
    fault_line: i64,
    #[prop(default = "code")] class: &'static str,
) -> impl IntoView {
    let lines = source
        .lines()
        .zip(1_i64..)
        .map(|(line, number)| {
            let indent = line.len() - line.trim_start().len();
            let (space, text) = line.split_at(indent);
            let class = if number == fault_line { "fault" } else { "" };
            view! {
                <span class="code-line">
                    {(!space.is_empty()).then(|| space.to_owned())}
                    <span class=class>{pieces(text).into_iter().map(shown).collect_view()}</span>
                    "\n"
                </span>
            }
        })
        .collect_view();
    view! { <pre class=class tabindex="0"><code>{lines}</code></pre> }
}

/// A piece of a line and what it is.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Keyword(&'a str),
    Comment(&'a str),
    Other(&'a str),
}

fn shown(piece: Piece<'_>) -> AnyView {
    match piece {
        Piece::Keyword(text) => view! { <span class="keyword">{text.to_owned()}</span> }.into_any(),
        Piece::Comment(text) => view! { <span class="comment">{text.to_owned()}</span> }.into_any(),
        Piece::Other(text) => text.to_owned().into_any(),
    }
}

fn pieces(line: &str) -> Vec<Piece<'_>> {
    let (code, comment) = match [line.find("//"), line.find('#'), line.find("/*")].into_iter().flatten().min() {
        Some(start) => line.split_at(start),
        None => (line, ""),
    };
    let mut found = Vec::new();
    let mut rest = code;
    while !rest.is_empty() {
        let word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let is_word = rest.starts_with(word);
        let end = rest.find(|letter: char| word(letter) != is_word).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        found.push(if KEYWORDS.contains(&piece) { Piece::Keyword(piece) } else { Piece::Other(piece) });
        rest = after;
    }
    if !comment.is_empty() {
        found.push(Piece::Comment(comment));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_language_are_told_from_names() {
        let found = pieces("guard { guarded > 0 } // why");
        assert_eq!(found.first(), Some(&Piece::Keyword("guard")));
        assert!(found.contains(&Piece::Other("guarded")));
        assert_eq!(found.last(), Some(&Piece::Comment("// why")));
    }

    #[test]
    fn nothing_of_a_line_is_lost() {
        for line in ["", "x == y;", "über → 日本 # 注", "/* a */ let x = 1"] {
            let joined: String = pieces(line)
                .iter()
                .map(|piece| match piece {
                    Piece::Keyword(text) | Piece::Comment(text) | Piece::Other(text) => *text,
                })
                .collect();
            assert_eq!(joined, line);
        }
    }
}
