//! Text on pages of A4, line by line: headings, facts, and tables whose figures stand right. Knows nothing of money.
//!
//! The file is plain ASCII: whatever takes it for text does it no harm.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::letters::{encode, width};

/// A4 in points.
const PAGE: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 56.0;
/// Where the page's own line stands.
const FOOT: f32 = 36.0;
const TEXT: f32 = 9.5;
const TITLE: f32 = 18.0;
const HEADING: f32 = 12.0;
const SMALL: f32 = 8.0;
const LINE: f32 = 14.0;
/// Where a fact's value begins.
const VALUE: f32 = 170.0;

const PLAIN: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");
/// Objects before the pages' own.
const CATALOG: i32 = 1;
const TREE: i32 = 2;
const INFO: i32 = 3;
const FONT_PLAIN: i32 = 4;
const FONT_BOLD: i32 = 5;
const FIRST_PAGE: i32 = 6;

/// Said where a letter was missing.
const MISSING: &str =
    "A question mark stands for a letter that this file's fonts do not have; the page on the web shows it.";

/// How a column stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column {
    /// Text that begins there, and how much room it has.
    Left(f32, f32),
    /// Figures that end there.
    Right(f32),
}

/// A document in the making.
pub(super) struct Sheet {
    title: String,
    pages: Vec<Content>,
    /// How far down the present page the next line stands.
    y: f32,
    /// Whether every letter was there.
    whole: bool,
}

impl Sheet {
    /// A document with its title on the first page.
    pub fn new(title: &str) -> Self {
        let mut sheet = Sheet { title: title.to_owned(), pages: Vec::new(), y: 0.0, whole: true };
        sheet.turn();
        sheet.y -= TITLE;
        sheet.put(MARGIN, BOLD, TITLE, title);
        sheet.gap();
        sheet
    }

    fn turn(&mut self) {
        self.pages.push(Content::new());
        self.y = PAGE.1 - MARGIN;
    }

    /// Room for another line, on the next page where this one is full. Answers whether a page was begun.
    fn advance(&mut self, by: f32) -> bool {
        let begins = self.y - by < MARGIN;
        if begins {
            self.turn();
        }
        self.y -= by;
        begins
    }

    /// Half a line of nothing.
    pub fn gap(&mut self) {
        self.y -= LINE / 2.0;
    }

    /// A heading.
    pub fn heading(&mut self, text: &str) {
        self.gap();
        self.advance(LINE + HEADING);
        self.put(MARGIN, BOLD, HEADING, text);
        self.gap();
    }

    /// A line of text; what does not fit into it goes on in the next.
    pub fn text(&mut self, text: &str) {
        for line in broken(text, PAGE.0 - 2.0 * MARGIN) {
            self.advance(LINE);
            self.put(MARGIN, PLAIN, TEXT, &line);
        }
    }

    /// A name and what it is.
    pub fn fact(&mut self, name: &str, value: &str) {
        for (place, line) in broken(value, PAGE.0 - MARGIN - VALUE).iter().enumerate() {
            self.advance(LINE);
            if place == 0 {
                self.put(MARGIN, PLAIN, TEXT, name);
            }
            self.put(VALUE, PLAIN, TEXT, line);
        }
    }

    /// A table; its head stands again on each page.
    pub fn table(&mut self, columns: &[Column], head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
        let head: Vec<String> = head.iter().map(|text| (*text).to_owned()).collect();
        self.advance(LINE);
        self.row(columns, BOLD, &head);
        for row in rows {
            if self.advance(LINE) {
                self.row(columns, BOLD, &head);
                self.advance(LINE);
            }
            self.row(columns, PLAIN, &row);
        }
    }

    fn row(&mut self, columns: &[Column], font: Name<'static>, cells: &[String]) {
        for (column, cell) in columns.iter().zip(cells) {
            match column {
                Column::Left(x, room) => self.put(*x, font, TEXT, &fitting(cell, *room)),
                Column::Right(x) => {
                    let left = x - points(&encode(cell).0, TEXT);
                    self.put(left, font, TEXT, cell);
                }
            }
        }
    }

    fn put(&mut self, x: f32, font: Name<'static>, size: f32, text: &str) {
        let (bytes, whole) = encode(text);
        self.whole &= whole;
        let y = self.y;
        if let Some(page) = self.pages.last_mut() {
            write(page, (x, y), font, size, &bytes);
        }
    }

    /// The finished file.
    pub fn finish(mut self) -> Vec<u8> {
        if !self.whole {
            self.gap();
            self.text(MISSING);
        }
        let count = self.pages.len();
        for (place, page) in self.pages.iter_mut().enumerate() {
            let line = encode(&format!("{}, page {} of {count}", self.title, place + 1)).0;
            write(page, (MARGIN, FOOT), PLAIN, SMALL, &line);
        }
        let mut pdf = Pdf::new();
        pdf.set_binary_marker(b"text");
        pdf.catalog(Ref::new(CATALOG)).pages(Ref::new(TREE)).lang(TextStr("en"));
        pdf.document_info(Ref::new(INFO)).title(TextStr(&self.title)).creator(TextStr("Aethel"));
        for (id, name) in [(FONT_PLAIN, Name(b"Helvetica")), (FONT_BOLD, Name(b"Helvetica-Bold"))] {
            pdf.type1_font(Ref::new(id)).base_font(name).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        // A page and what stands on it, one behind the other; a document has far fewer than there are numbers.
        let ids = (FIRST_PAGE..).step_by(2).map(|id| (Ref::new(id), Ref::new(id.saturating_add(1))));
        let numbered: Vec<_> = ids.zip(self.pages).collect();
        let pages = numbered.iter().map(|((page, _), _)| *page);
        pdf.pages(Ref::new(TREE)).kids(pages).count(i32::try_from(count).unwrap_or(i32::MAX));
        for ((page_id, content_id), content) in numbered {
            let mut page = pdf.page(page_id);
            page.parent(Ref::new(TREE)).media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).contents(content_id);
            let mut resources = page.resources();
            let mut fonts = resources.fonts();
            fonts.pair(PLAIN, Ref::new(FONT_PLAIN)).pair(BOLD, Ref::new(FONT_BOLD));
            fonts.finish();
            resources.finish();
            page.finish();
            pdf.stream(content_id, &content.finish());
        }
        pdf.finish()
    }
}

fn write(page: &mut Content, (x, y): (f32, f32), font: Name<'static>, size: f32, bytes: &[u8]) {
    page.begin_text().set_font(font, size).next_line(x, y).show(Str(bytes)).end_text();
}

/// How wide these bytes are at a size.
#[expect(clippy::cast_precision_loss, reason = "a line is some thousands of thousandths wide")]
fn points(bytes: &[u8], size: f32) -> f32 {
    width(bytes) as f32 * size / 1_000.0
}

/// As much of a text as there is room for, with dots where something is left out.
fn fitting(text: &str, room: f32) -> String {
    if points(&encode(text).0, TEXT) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        let longer = format!("{kept}{letter}…");
        if points(&encode(&longer).0, TEXT) > room {
            break;
        }
        kept.push(letter);
    }
    format!("{kept}…")
}

/// A text in lines that fit; a word that does not fit into a line is broken.
fn broken(text: &str, room: f32) -> Vec<String> {
    let fits = |line: &str| points(&encode(line).0, TEXT) <= room;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let joint = if lines.last().is_some_and(|line| !line.is_empty()) { " " } else { "" };
        let longer = lines.last().map(|line| format!("{line}{joint}{word}")).filter(|line| fits(line));
        match (longer, lines.last_mut()) {
            (Some(longer), Some(line)) => *line = longer,
            _ => {
                if lines.last().is_some_and(String::is_empty) {
                    lines.pop();
                }
                lines.extend(pieces(word, fits));
            }
        }
    }
    lines
}

fn pieces(word: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for letter in word.chars() {
        let longer = pieces.last().map(|piece| format!("{piece}{letter}")).filter(|piece| fits(piece));
        match (longer, pieces.last_mut()) {
            (Some(longer), Some(piece)) => *piece = longer,
            _ => pieces.push(letter.to_string()),
        }
    }
    pieces
}
