//! A field for programs that reads along: numbers beside the lines, a wavy line under what is wrong, Ctrl+Enter to send.
//! No island by itself: a part of those with such a field.
//!
//! The field stays a plain text field: what is drawn lies in a layer behind it that moves along, is hidden from screen
//! readers and, without scripts, from everybody. Tab leaves the field, as in every other.

use leptos::html::{Pre, Textarea};
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::Element;
use leptos::web_sys::js_sys::{Array, Function, Reflect};

use crate::app::views::ProblemView;

/// Lines that are drawn; in a longer program the list below still names every place.
const LINES_DRAWN: usize = 2_000;

/// The field. What is typed goes into `typed`; `read` is the text as it stands, and what is wrong with it.
#[component]
pub fn CodeEditor(
    /// Its id and name.
    #[prop(into)]
    id: String,
    #[prop(into)] rows: String,
    value: String,
    typed: RwSignal<Option<String>>,
    #[prop(into)] read: Signal<(String, Vec<ProblemView>)>,
    /// The ids of what describes it.
    #[prop(into)]
    described: String,
) -> impl IntoView {
    let (layer, field) = (NodeRef::<Pre>::new(), NodeRef::<Textarea>::new());
    // What was typed before the page was live counts as well. An effect runs in the browser alone.
    let came = value.clone();
    Effect::new(move |_| {
        if let Some(text) = field.get().map(|field| field.value())
            && text != came
        {
            typed.set(Some(text));
        }
    });
    let drawn = move || read.with(|(text, problems)| drawn_lines(text, problems));
    let lines = move || {
        let piece = |(text, wrong): (String, bool)| match wrong {
            true => view! { <span class="squiggle">{text}</span> }.into_any(),
            false => text.into_any(),
        };
        let line = |pieces: Vec<(String, bool)>| {
            let pieces = pieces.into_iter().map(piece).collect_view();
            view! { <span class="editor-line">{pieces}</span> }
        };
        drawn().into_iter().map(line).collect_view()
    };
    let follow = move |event: leptos::ev::Event| {
        if let Some(layer) = layer.get_untracked() {
            let field: Element = event_target(&event);
            layer.set_scroll_top(field.scroll_top());
            layer.set_scroll_left(field.scroll_left());
        }
    };
    let send = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            // A browser without it sends by the button alone.
            let _ = send_form(&event_target(&event));
        }
    };
    view! {
        <div class="editor-box">
            <pre class="editor-layer" aria-hidden="true" node_ref=layer><code>{lines}</code></pre>
            <textarea class="editor" id=id.clone() name=id node_ref=field spellcheck="false" autocapitalize="off" autocomplete="off" rows=rows
                aria-describedby=described aria-invalid=move || read.with(|(_, problems)| (!problems.is_empty()).then_some("true"))
                aria-keyshortcuts="Control+Enter Meta+Enter"
                on:input=move |event| typed.set(Some(event_target_value(&event))) on:scroll=follow on:keydown=send>
                {value}
            </textarea>
        </div>
    }
}

/// What keeps a program from being read: line and column, which lead there, what was expected, and the mend where one is
/// known.
#[component]
pub fn EditorProblems(
    /// The field's id.
    #[prop(into)]
    id: String,
    source: String,
    problems: Vec<ProblemView>,
) -> impl IntoView {
    let lines: Vec<String> = source.lines().map(ToOwned::to_owned).collect();
    problems
        .into_iter()
        .map(|problem| {
            let at = usize::try_from(problem.line).ok().and_then(|line| line.checked_sub(1));
            let shown = at.and_then(|at| lines.get(at).cloned()).unwrap_or_default();
            let (start, length) = (place_in_field(&source, &problem), problem.length);
            let field = id.clone();
            let lead = move |event: leptos::ev::MouseEvent| {
                if select(&field, start, start.saturating_add(length)).is_some() {
                    event.prevent_default();
                }
            };
            view! {
                <div class="problem">
                    <a href=format!("#{id}") on:click=lead>
                        <strong>{format!("Line {}, column {}", problem.line, problem.column)}</strong>
                    </a>
                    <span>": "{problem.message}</span>
                    {(!problem.help.is_empty()).then(|| view! { <span class="help">{format!(" {}", problem.help)}</span> })}
                    {(!shown.trim().is_empty()).then(|| view! { <code>{shown}</code> })}
                </div>
            }
        })
        .collect_view()
}

/// The lines in pieces, each with whether it is wrong.
fn drawn_lines(text: &str, problems: &[ProblemView]) -> Vec<Vec<(String, bool)>> {
    let line = |(line, number): (&str, i64)| {
        let letters: Vec<char> = line.trim_end_matches('\r').chars().collect();
        let mut wrong = vec![false; letters.len()];
        let mut behind = false;
        for problem in problems.iter().filter(|problem| problem.line == number) {
            let start = usize::try_from(problem.column).unwrap_or(1).saturating_sub(1);
            let length = usize::try_from(problem.length).unwrap_or(1).max(1);
            // What is missing at a line's end has no letter of its own.
            behind |= start >= letters.len();
            wrong.iter_mut().skip(start).take(length).for_each(|one| *one = true);
        }
        let mut pieces: Vec<(String, bool)> = Vec::new();
        let end = behind.then_some((' ', true));
        for (letter, wrong) in letters.into_iter().zip(wrong).chain(end) {
            match pieces.last_mut() {
                Some((piece, same)) if *same == wrong => piece.push(letter),
                _ => pieces.push((letter.to_string(), wrong)),
            }
        }
        pieces
    };
    text.split('\n').zip(1_i64..).take(LINES_DRAWN).map(line).collect()
}

/// Where a problem begins in the field, which counts in units of UTF-16.
fn place_in_field(source: &str, problem: &ProblemView) -> i64 {
    let before = usize::try_from(problem.line).unwrap_or(1).saturating_sub(1);
    let units = |text: &str| text.encode_utf16().count();
    let whole: usize = source.split('\n').take(before).map(|line| units(line) + 1).sum();
    let column = usize::try_from(problem.column).unwrap_or(1).saturating_sub(1);
    let line: String = source.split('\n').nth(before).unwrap_or_default().chars().take(column).collect();
    i64::try_from(whole + units(&line)).unwrap_or(i64::MAX)
}

/// Moves into the field and marks a piece of it.
fn select(id: &str, start: i64, end: i64) -> Option<()> {
    let field = document().get_element_by_id(id)?;
    let number = |number: i64| JsValue::from(u32::try_from(number).unwrap_or(u32::MAX));
    call(&field, "focus", &Array::new())?;
    call(&field, "setSelectionRange", &Array::of2(&number(start), &number(end)))
}

/// Sends the form around a field, as its button would.
fn send_form(field: &Element) -> Option<()> {
    call(&field.closest("form").ok().flatten()?, "requestSubmit", &Array::new())
}

fn call(on: &Element, name: &str, arguments: &Array) -> Option<()> {
    let function: Function = Reflect::get(on, &name.into()).ok()?.dyn_into().ok()?;
    function.apply(on, arguments).ok().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: i64, column: i64, length: i64) -> ProblemView {
        ProblemView { line, column, length, message: String::new(), help: String::new() }
    }

    fn drawn(text: &str, problems: &[ProblemView]) -> Vec<Vec<(String, bool)>> {
        drawn_lines(text, problems)
    }

    #[test]
    fn exactly_the_faulty_letters_are_underlined() {
        let piece = |text: &str, wrong| (text.to_owned(), wrong);
        assert_eq!(
            drawn("x = = 3\ny", &[problem(1, 5, 1)]),
            [vec![piece("x = ", false), piece("=", true), piece(" 3", false)], vec![piece("y", false)],]
        );
        assert_eq!(drawn("x +", &[problem(1, 4, 1)]), [vec![piece("x +", false), piece(" ", true)]]);
        assert_eq!(drawn("über ß", &[problem(1, 6, 9)]), [vec![piece("über ", false), piece("ß", true)]]);
        assert_eq!(drawn("a\r\n", &[]), [vec![piece("a", false)], vec![]]);
    }

    #[test]
    fn no_letter_is_lost_or_moved_whatever_is_wrong() {
        for problems in
            [vec![], vec![problem(2, 1, 2), problem(2, 2, 3)], vec![problem(9, 9, 9)], vec![problem(0, 0, 0)]]
        {
            let text = "intent x() {\nlet → 日本\n}";
            let joined: Vec<String> = drawn(text, &problems)
                .into_iter()
                .map(|line| line.into_iter().map(|(piece, _)| piece).collect())
                .collect();
            assert_eq!(joined.join("\n"), text);
        }
    }

    #[test]
    fn a_long_program_is_drawn_as_far_as_it_can_be_looked_at() {
        assert_eq!(drawn(&"x\n".repeat(5_000), &[]).len(), LINES_DRAWN);
    }

    #[test]
    fn a_place_is_counted_as_browsers_count() {
        assert_eq!(place_in_field("ab\n𝔸c = 1", &problem(2, 3, 1)), 6);
        assert_eq!(place_in_field("", &problem(1, 1, 1)), 0);
        assert_eq!(place_in_field("a", &problem(5, 1, 1)), 2);
    }
}
