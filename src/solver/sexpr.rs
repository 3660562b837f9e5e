//! A small reader of s-expressions, with bounds: what comes back from a solver is input like any other.

/// Values such as `(- (/ 1.0 3.0))` nest four deep; nothing we ask for nests deeper than this.
const DEPTH_MAX: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sexpr {
    Atom(String),
    Text(String),
    List(Vec<Sexpr>),
}

impl Sexpr {
    pub fn list(&self) -> Option<&[Sexpr]> {
        match self {
            Sexpr::List(items) => Some(items),
            Sexpr::Atom(_) | Sexpr::Text(_) => None,
        }
    }

    pub fn atom(&self) -> Option<&str> {
        match self {
            Sexpr::Atom(text) => Some(text),
            Sexpr::List(_) | Sexpr::Text(_) => None,
        }
    }
}

/// Everything in `text`, or `None` when it is not a sequence of whole s-expressions.
pub(super) fn read_all(text: &str) -> Option<Vec<Sexpr>> {
    let mut open: Vec<Vec<Sexpr>> = vec![Vec::new()];
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' if open.len() > DEPTH_MAX => return None,
            '(' => {
                open.push(Vec::new());
                1
            }
            ')' => {
                let items = open.pop()?;
                open.last_mut()?.push(Sexpr::List(items));
                1
            }
            '"' => {
                let end = rest.get(1..)?.find('"')?;
                open.last_mut()?.push(Sexpr::Text(rest.get(1..=end)?.to_owned()));
                end + 2
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()\"".contains(c)).unwrap_or(rest.len());
                open.last_mut()?.push(Sexpr::Atom(rest.get(..end)?.to_owned()));
                end
            }
        };
        rest = rest.get(length..)?.trim_start();
    }
    let items = open.pop()?;
    if open.is_empty() { Some(items) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_atoms_and_texts_are_read() {
        let read = read_all("sat ((s0 (- 5)) (s1 true))\n(error \"no (way)\")").expect("whole");
        assert_eq!(read.len(), 3);
        assert_eq!(read[0].atom(), Some("sat"));
        assert_eq!(read[1].list().map(<[Sexpr]>::len), Some(2));
        assert_eq!(read[2].list().and_then(|items| items.get(1)), Some(&Sexpr::Text("no (way)".to_owned())));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for text in ["(", ")", "(a))", "\"open", &"(".repeat(100_000)] {
            assert_eq!(read_all(text), None);
        }
    }
}
