//! Reads a Rust file for names: which paths it mentions, and what its features gate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::tokens::{Token, tokens};

/// A file, by its path below the directory that was read (`judge/store.rs`).
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// The room is the first directory, or the file's own name where it stands at the top.
    pub fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The module the file is, as path segments below `crate`.
    fn module(&self) -> Vec<String> {
        let stem = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let mut segments: Vec<String> = stem.split('/').map(String::from).collect();
        if segments.last().is_some_and(|last| last == "mod" || self.path == "lib.rs" || self.path == "main.rs") {
            segments.pop();
        }
        segments
    }
}

/// All `.rs` files under a directory, in order; none where there is no such directory.
pub fn sources_under(directory: &Path) -> Vec<Source> {
    fn walk(directory: &Path, base: &Path, found: &mut Vec<Source>) {
        let Ok(entries) = fs::read_dir(directory) else {
            return;
        };
        for path in entries.map(|entry| entry.expect("a directory entry can be read").path()) {
            if path.is_dir() {
                walk(&path, base, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(base).expect("walked from the base");
                let text = fs::read_to_string(&path).expect("source files are UTF-8");
                found.push(Source { path: below.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    let mut found = Vec::new();
    walk(directory, directory, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// A path the file names, made absolute: it begins with `crate` or with another crate's name.
#[derive(Debug)]
pub struct Mention {
    pub path: Vec<String>,
    pub line: usize,
}

/// Every path of two names or more, and everything that is `use`d.
pub fn mentions(source: &Source) -> Vec<Mention> {
    let tokens = tokens(&source.text);
    let mut reader = Reader {
        tokens: &tokens,
        module: source.module(),
        children: children(&tokens),
        names: BTreeMap::new(),
        found: Vec::new(),
    };
    reader.read();
    reader.found
}

/// The modules declared in the file: paths may begin with their names.
fn children(tokens: &[Token]) -> BTreeSet<String> {
    tokens
        .windows(2)
        .filter(|pair| pair[0].text == "mod" && pair[1].is_name())
        .map(|pair| pair[1].text.clone())
        .collect()
}

struct Reader<'a> {
    tokens: &'a [Token],
    module: Vec<String>,
    children: BTreeSet<String>,
    /// What a `use` brought in, so that `use crate::billing; billing::store::X` is seen through.
    names: BTreeMap<String, Vec<String>>,
    found: Vec<Mention>,
}

impl Reader<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    fn read(&mut self) {
        let mut inline: Vec<usize> = Vec::new();
        let (mut at, mut depth) = (0, 0);
        while at < self.tokens.len() {
            match self.text(at) {
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if inline.last() == Some(&depth) {
                        inline.pop();
                        self.module.pop();
                    }
                }
                "mod" if self.text(at + 2) == "{" => {
                    inline.push(depth);
                    self.module.push(self.text(at + 1).to_string());
                    at += 1;
                }
                "use" if self.text(at + 1) != "<" => at = self.use_tree(at + 1, &[]),
                _ if self.begins_path(at) => at = self.plain_path(at),
                _ => {}
            }
            at += 1;
        }
    }

    fn begins_path(&self, at: usize) -> bool {
        self.tokens[at].is_name() && self.text(at + 1) == "::" && (at == 0 || self.text(at - 1) != "::")
    }

    /// Reads `a::b::c` outside a `use`; answers the index of its last token.
    fn plain_path(&mut self, start: usize) -> usize {
        let mut at = start;
        let mut path = vec![self.text(at).to_string()];
        while self.text(at + 1) == "::" && self.tokens.get(at + 2).is_some_and(Token::is_name) {
            at += 2;
            path.push(self.text(at).to_string());
        }
        let path = match self.names.get(&path[0]) {
            Some(known) => known.iter().chain(&path[1..]).cloned().collect(),
            None => self.absolute(path),
        };
        self.found.push(Mention { path, line: self.tokens[start].line });
        at
    }

    /// Reads one tree of a `use`, groups included; answers the index of the last token read.
    fn use_tree(&mut self, start: usize, prefix: &[String]) -> usize {
        let mut path = prefix.to_vec();
        let mut at = start;
        loop {
            match self.text(at) {
                "::" => at += 1,
                "{" => return self.use_group(at, &path),
                "self" if !path.is_empty() => at += 1,
                name if name == "*" || self.tokens.get(at).is_some_and(Token::is_name) && name != "as" => {
                    path.push(name.to_string());
                    at += 1;
                }
                _ => break,
            }
        }
        let absolute = self.absolute(path);
        let mut name = absolute.last().cloned().unwrap_or_default();
        if self.text(at) == "as" {
            name = self.text(at + 1).to_string();
            at += 2;
        }
        self.names.insert(name, absolute.clone());
        let line = self.tokens[start.min(self.tokens.len() - 1)].line;
        self.found.push(Mention { path: absolute, line });
        at - 1
    }

    fn use_group(&mut self, open: usize, prefix: &[String]) -> usize {
        let mut at = open + 1;
        while at < self.tokens.len() && self.text(at) != "}" {
            at = if self.text(at) == "," { at + 1 } else { self.use_tree(at, prefix) + 1 };
        }
        at
    }

    fn absolute(&self, path: Vec<String>) -> Vec<String> {
        let ours = |module: &[String], rest: &[String]| {
            std::iter::once("crate".to_string()).chain(module.iter().cloned()).chain(rest.iter().cloned()).collect()
        };
        let ups = path.iter().take_while(|segment| *segment == "super").count();
        match path.first().map(String::as_str) {
            Some("crate" | "aethel") => ours(&[], &path[1..]),
            Some("self") => ours(&self.module, &path[1..]),
            Some("super") => ours(&self.module[..self.module.len().saturating_sub(ups)], &path[ups..]),
            Some(child) if self.children.contains(child) => ours(&self.module, &path),
            _ => path,
        }
    }
}

/// A `cfg` that asks for a feature, and the word it stands before (`mod`, `use`, `fn`, …; `file` for `#![cfg(…)]`).
pub struct Gate {
    pub before: String,
    pub line: usize,
    /// No function, type or block stands above it.
    pub at_head: bool,
}

pub fn gates(tokens: &[Token]) -> Vec<Gate> {
    const ITEMS: &[&str] = &["fn", "struct", "enum", "impl", "trait", "static", "type", "macro_rules"];
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let first_item = tokens.iter().position(|token| ITEMS.contains(&token.text.as_str())).unwrap_or(tokens.len());
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let open = if text(at + 1) == "!" { at + 2 } else { at + 1 };
        if !matches!(text(at), "cfg" | "cfg_attr") || text(open) != "(" {
            continue;
        }
        let close = closing(tokens, open);
        if tokens[open..close].iter().all(|token| token.text != "feature") {
            continue;
        }
        let before = if at >= 2 && text(at - 1) == "[" && text(at - 2) == "!" {
            "file"
        } else {
            let item = after_attributes(tokens, close + 1);
            // A `const fn` is a function.
            if text(item + 1) == "fn" { "fn" } else { text(item) }
        };
        found.push(Gate { before: before.to_string(), line: tokens[at].line, at_head: at < first_item });
    }
    found
}

/// A function under `#[server]`, and how many lines stand between the braces of its body.
pub struct ServerFunction {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

pub fn server_functions(tokens: &[Token]) -> Vec<ServerFunction> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if (text(at), text(at + 1), text(at + 2)) != ("#", "[", "server") {
            continue;
        }
        let after = closing(tokens, at + 1);
        let named = tokens.iter().skip(after).position(|token| token.text == "fn").map(|steps| after + steps + 1);
        let body = named.and_then(|name| {
            let steps = tokens.iter().skip(name).position(|token| token.text == "{")?;
            Some((name, name + steps))
        });
        let Some((name, open)) = body else { continue };
        let lines = tokens[closing(tokens, open)].line.saturating_sub(tokens[open].line + 1);
        found.push(ServerFunction { name: text(name).to_string(), line: tokens[name].line, lines });
    }
    found
}

/// The index of the bracket that closes the one at `open`.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len() - 1
}

/// Steps over the end of an attribute, further attributes and a visibility, to the item's own word.
fn after_attributes(tokens: &[Token], mut at: usize) -> usize {
    loop {
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        match (text(at), text(at + 1)) {
            ("]", _) | ("pub", _) if text(at + 1) != "(" => at += 1,
            ("pub", "(") | ("#", "[") => at = closing(tokens, at + 1) + 1,
            _ => return at,
        }
    }
}
