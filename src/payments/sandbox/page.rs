//! The pages a payer sees: plain HTML from the server, no script at all.
//!
//! Pure functions of what is shown; everything that came from outside is escaped here.

use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");

/// What was typed; the security code is never shown again.
#[derive(Debug, Default, Clone)]
pub struct Typed {
    pub email: String,
    pub number: String,
    pub expiry: String,
    pub name: String,
}

/// What is wrong, field by field, and with the payment as a whole.
#[derive(Debug, Default, Clone)]
pub struct Problems {
    pub whole: Option<String>,
    pub email: Option<&'static str>,
    pub number: Option<&'static str>,
    pub expiry: Option<&'static str>,
    pub cvc: Option<&'static str>,
    pub name: Option<&'static str>,
}

impl Problems {
    pub fn has_field(&self) -> bool {
        [self.email, self.number, self.expiry, self.cvc, self.name].iter().any(Option::is_some)
    }
}

/// One line of the order.
#[derive(Debug)]
pub struct Line {
    pub name: String,
    pub detail: String,
    pub amount: String,
}

/// Everything the payment page shows.
#[derive(Debug)]
pub struct Order {
    pub action: String,
    pub heading: &'static str,
    pub card_heading: &'static str,
    pub button: String,
    /// Whether a promotion code can still be typed.
    pub takes_codes: bool,
    /// Whether a bank account can be debited instead.
    pub takes_debits: bool,
    pub total: String,
    pub lines: Vec<Line>,
    pub cancel_url: Option<String>,
    pub typed: Typed,
    pub problems: Problems,
}

struct Field<'a> {
    name: &'a str,
    label: &'a str,
    attributes: &'a str,
    value: &'a str,
    problem: Option<&'static str>,
}

/// Makes any text safe inside an element or a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The page around a body; `nonce` lets its one style sheet through the content security policy.
fn layout(title: &str, width: &str, nonce: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>{} · Stripe sandbox</title>\n<style nonce=\"{nonce}\">\n{STYLE}</style>\n</head>\n<body>\n\
         <div class=\"mode\" role=\"note\"><p><strong>Stripe sandbox, test mode.</strong> No money moves; use a test \
         card.</p></div>\n<main class=\"{width}\">\n{body}\n</main>\n</body>\n</html>\n",
        escape(title)
    )
}

/// The hosted checkout.
pub fn checkout(order: &Order, nonce: &str) -> String {
    let mut lines = String::new();
    for line in &order.lines {
        // Writing to a string cannot fail.
        let _ = writeln!(
            lines,
            "<li><span>{}<small>{}</small></span><span>{}</span></li>",
            escape(&line.name),
            escape(&line.detail),
            escape(&line.amount)
        );
    }
    let back = order
        .cancel_url
        .as_deref()
        .map_or_else(String::new, |url| format!("<a href=\"{}\">← Cancel and go back</a>", escape(url)));
    let total = escape(&order.total);
    let codes = if order.takes_codes { code_form(&order.action) } else { String::new() };
    let body = format!(
        "<section aria-labelledby=\"order\">\n{back}\n<h1 id=\"order\">{}</h1>\n<p class=\"total\">{total}</p>\n\
         <ul class=\"items\">\n{lines}</ul>\n{codes}</section>\n{}",
        order.heading,
        form(order)
    );
    layout(&order.button, "wide", nonce, &body)
}

fn form(order: &Order) -> String {
    let (typed, problems) = (&order.typed, &order.problems);
    let alert = problems.whole.as_deref().map_or_else(String::new, |text| {
        format!("<p class=\"alert\" role=\"alert\" id=\"payment-problem\">{}</p>\n", escape(text))
    });
    let contact = field(&Field {
        name: "email",
        label: "Email",
        attributes: "type=\"email\" autocomplete=\"email\" maxlength=\"254\"",
        value: &typed.email,
        problem: problems.email,
    });
    let number = field(&Field {
        name: "number",
        label: "Card number",
        attributes: "inputmode=\"numeric\" autocomplete=\"cc-number\" placeholder=\"4242 4242 4242 4242\" maxlength=\"30\"",
        value: &typed.number,
        problem: problems.number,
    });
    let expiry = field(&Field {
        name: "expiry",
        label: "Expiry (MM / YY)",
        attributes: "inputmode=\"numeric\" autocomplete=\"cc-exp\" placeholder=\"MM / YY\" maxlength=\"9\"",
        value: &typed.expiry,
        problem: problems.expiry,
    });
    let cvc = field(&Field {
        name: "cvc",
        label: "CVC",
        attributes: "inputmode=\"numeric\" autocomplete=\"cc-csc\" placeholder=\"123\" maxlength=\"4\"",
        value: "",
        problem: problems.cvc,
    });
    let name = field(&Field {
        name: "name",
        label: "Name on card",
        attributes: "autocomplete=\"cc-name\" maxlength=\"200\"",
        value: &typed.name,
        problem: problems.name,
    });
    let debit = if order.takes_debits { debit_form(order) } else { String::new() };
    format!(
        "<section class=\"panel\" aria-labelledby=\"pay\">\n<h2 id=\"pay\">{}</h2>\n{alert}\
         <form method=\"post\" action=\"{}\" novalidate>\n{contact}{number}<div class=\"pair\">{expiry}{cvc}</div>{name}\
         <button type=\"submit\">{}</button>\n</form>\n{TEST_CARDS}\n{debit}</section>",
        order.card_heading,
        escape(&order.action),
        escape(&order.button)
    )
}

fn code_form(action: &str) -> String {
    format!(
        "<form method=\"post\" action=\"{}/promotion\">\n<div class=\"field\"><label for=\"code\">Promotion code</label>\
         <input id=\"code\" name=\"code\" autocomplete=\"off\" maxlength=\"50\" required></div>\n\
         <button type=\"submit\" class=\"second\">Apply</button>\n\
         <p class=\"hint\">In test mode: TEST20 takes 20 % off.</p>\n</form>\n",
        escape(action)
    )
}

/// Stripe's page asks for the bank's consent in a window; here two accounts of a test bank stand ready.
fn debit_form(order: &Order) -> String {
    format!(
        "<details><summary>Pay by bank debit</summary>\n<form method=\"post\" action=\"{}/debit\">\n\
         <div class=\"field\"><label for=\"debit-email\">Address for the receipt</label><input id=\"debit-email\" name=\"email\" \
         type=\"email\" maxlength=\"254\" value=\"{}\" required></div>\n\
         <div class=\"field\"><label for=\"debit-name\">Account holder</label><input id=\"debit-name\" name=\"name\" \
         maxlength=\"200\" value=\"{}\" required></div>\n\
         <button type=\"submit\" name=\"account\" value=\"000123456789\">Debit account ending in 6789</button>\n\
         <button type=\"submit\" name=\"account\" value=\"000111111116\" class=\"second\">Debit account ending in \
         1116</button>\n</form>\n<p class=\"hint\">The order is complete at once, the money comes three days later: \
         from 6789 it does, 1116 is empty. The panel at /_panel moves the clock.</p></details>\n",
        escape(&order.action),
        escape(&order.typed.email),
        escape(&order.typed.name)
    )
}

const TEST_CARDS: &str = "<details><summary>Test cards</summary>\n<table><tbody>\n\
    <tr><th scope=\"row\">4242 4242 4242 4242</th><td>pays</td></tr>\n\
    <tr><th scope=\"row\">4000 0000 0000 0002</th><td>is declined</td></tr>\n\
    <tr><th scope=\"row\">4000 0000 0000 9995</th><td>has insufficient funds</td></tr>\n\
    <tr><th scope=\"row\">4000 0025 0000 3155</th><td>asks for 3-D Secure, saved cards do not</td></tr>\n\
    <tr><th scope=\"row\">4000 0000 0000 3220</th><td>asks for 3-D Secure every time</td></tr>\n\
    <tr><th scope=\"row\">4000 0000 0000 0259</th><td>pays, and the payment is disputed</td></tr>\n\
    <tr><th scope=\"row\">4000 0000 0000 5126</th><td>pays, and refunds come back</td></tr>\n\
    </tbody></table>\n<p class=\"hint\">Any date to come and any three digits will do.</p></details>";

fn field(field: &Field) -> String {
    let Field { name, label, attributes, value, problem } = field;
    let (state, note) = match problem {
        Some(problem) => (
            format!(" aria-invalid=\"true\" aria-describedby=\"{name}-problem\" autofocus"),
            format!("<p class=\"problem\" id=\"{name}-problem\">{}</p>", escape(problem)),
        ),
        None => (String::new(), String::new()),
    };
    format!(
        "<div class=\"field\"><label for=\"{name}\">{label}</label>\
         <input id=\"{name}\" name=\"{name}\" value=\"{}\" {attributes} required{state}>{note}</div>\n",
        escape(value)
    )
}

/// The bank's page.
pub fn authentication(action: &str, client_secret: &str, total: &str, nonce: &str) -> String {
    let body = format!(
        "<section class=\"panel\">\n<h2>3-D Secure test page</h2>\n\
         <p>Your bank wants to know that it is you who pays {}.</p>\n\
         <p class=\"hint\">At a real bank you would confirm in an app or with a code.</p>\n\
         <form method=\"post\" action=\"{}\">\n<input type=\"hidden\" name=\"client_secret\" value=\"{}\">\n\
         <button type=\"submit\" name=\"outcome\" value=\"complete\">Complete</button>\n\
         <button type=\"submit\" name=\"outcome\" value=\"fail\" class=\"second\">Fail</button>\n</form>\n</section>",
        escape(total),
        escape(action),
        escape(client_secret)
    );
    layout("3-D Secure", "narrow", nonce, &body)
}

/// The page around the chaos panel.
pub fn board(body: &str, nonce: &str) -> String {
    layout("Chaos panel", "board", nonce, body)
}

/// A page that says one thing, with one way on.
pub fn notice(title: &str, sentence: &str, way_on: Option<(&str, &str)>, nonce: &str) -> String {
    let link = way_on.map_or_else(String::new, |(label, url)| {
        format!("<a class=\"button\" href=\"{}\">{}</a>", escape(url), escape(label))
    });
    let body = format!(
        "<section class=\"panel\">\n<h2>{}</h2>\n<p>{}</p>\n{link}\n</section>",
        escape(title),
        escape(sentence)
    );
    layout(title, "narrow", nonce, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_from_outside_is_escaped() {
        let order = Order {
            action: "/c/pay/cs_1".to_owned(),
            heading: "Total due",
            card_heading: "Pay with card",
            button: "Pay $10.00".to_owned(),
            takes_codes: true,
            takes_debits: true,
            total: "$10.00".to_owned(),
            lines: vec![Line { name: "<script>".to_owned(), detail: "a & b".to_owned(), amount: "$10.00".to_owned() }],
            cancel_url: Some("https://a/?x=1&y='\"".to_owned()),
            typed: Typed { email: "\"><img src=x>".to_owned(), ..Typed::default() },
            problems: Problems { whole: Some("<b>".to_owned()), ..Problems::default() },
        };
        let page = checkout(&order, "n");
        for raw in ["<script", "<img", "<b>", "y='"] {
            assert!(!page.contains(raw), "{raw} came through");
        }
        assert!(page.contains("&lt;script&gt;") && page.contains("a &amp; b"));
    }

    #[test]
    fn a_wrong_field_is_marked_and_described() {
        let html = field(&Field { name: "cvc", label: "CVC", attributes: "", value: "", problem: Some("incomplete") });
        assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"cvc-problem\""));
        assert!(html.contains("<p class=\"problem\" id=\"cvc-problem\">incomplete</p>"));
    }
}
