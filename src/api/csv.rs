//! Tables as RFC 4180 writes them, safe to open in a spreadsheet.
//!
//! A few lines of our own: a cell is a number we made or a text we quote, and no line is ever read back.

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A number, as it is; a minus sign is part of it.
    Number(i64),
    /// A text. What a spreadsheet would take for a formula is made harmless.
    Text(String),
    /// Nothing.
    Empty,
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Empty, Into::into)
    }
}

/// Adds one line.
pub fn write_line(csv: &mut String, cells: &[Cell]) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            csv.push(',');
        }
        match cell {
            Cell::Number(number) => csv.push_str(&number.to_string()),
            Cell::Text(text) => write_text(csv, text),
            Cell::Empty => {}
        }
    }
    csv.push_str("\r\n");
}

fn write_text(csv: &mut String, text: &str) {
    // Customers choose memos and keys, and an accountant's spreadsheet would calculate what begins like this.
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let quoted = formula || text.contains([',', '"', '\r', '\n']) || text.starts_with(' ') || text.ends_with(' ');
    if !quoted {
        csv.push_str(text);
        return;
    }
    csv.push('"');
    if formula {
        csv.push('\'');
    }
    csv.push_str(&text.replace('"', "\"\""));
    csv.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[Cell]) -> String {
        let mut csv = String::new();
        write_line(&mut csv, cells);
        csv
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cells = ["plain".into(), (-5).into(), Cell::Empty, "a,b".into(), "say \"no\"".into(), "two\nlines".into()];
        assert_eq!(line(&cells), "plain,-5,,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\"\r\n");
        assert_eq!(line(&["".into(), " x".into()]), ",\" x\"\r\n");
    }

    #[test]
    fn a_text_that_looks_like_a_formula_stays_a_text() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "=HYPERLINK(\"http://evil.example\")"] {
            let written = line(&[text.into()]);
            assert!(written.starts_with("\"'"), "{written}");
        }
        assert_eq!(line(&["a=1".into()]), "a=1\r\n");
    }
}
