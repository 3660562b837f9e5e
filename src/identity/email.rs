//! E-mail addresses: read once at the edge, and compared in two ways.
//!
//! Knows no mail server: that an address is well-formed says nothing about whether anybody reads it.

use std::fmt;
use std::str::FromStr;

/// RFC 5321: an address has at most 254 characters, 64 of them before the `@`.
const ADDRESS_MAX: usize = 254;
const LOCAL_MAX: usize = 64;
/// RFC 1035: a label of a domain has at most 63 characters.
const LABEL_MAX: usize = 63;

/// A well-formed address, its domain in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email {
    text: String,
    at: usize,
}

/// Why a text is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address looks like name@example.com; this one does not")]
pub struct EmailError;

impl Email {
    /// The address to write to.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What makes two spellings one sign-in: the whole address in lower case. Nothing else is taken away,
    /// because at other hosts `a.b` and `ab`, or `a+x` and `a`, are different people.
    #[must_use]
    pub fn key(&self) -> String {
        self.text.to_ascii_lowercase()
    }

    /// What makes two addresses one person for the free credits: without `+tag`, and at Gmail, which ignores them,
    /// without dots. Never used for signing in.
    #[must_use]
    pub fn person_key(&self) -> String {
        let key = self.key();
        let (local, domain) = key.split_at(self.at);
        let untagged = match local.split_once('+') {
            Some((before, _)) if !before.is_empty() => before,
            _ => local,
        };
        match &domain[1..] {
            "gmail.com" | "googlemail.com" => format!("{}@gmail.com", untagged.replace('.', "")),
            other => format!("{untagged}@{other}"),
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        if text.len() > ADDRESS_MAX || !is_local(local) || !is_domain(domain) {
            return Err(EmailError);
        }
        Ok(Self { text: format!("{local}@{}", domain.to_ascii_lowercase()), at: local.len() })
    }
}

/// Whether the part before the `@` is words joined by single dots.
fn is_local(local: &str) -> bool {
    let is_atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    local.len() <= LOCAL_MAX && local.split('.').all(|word| !word.is_empty() && word.bytes().all(is_atom))
}

/// Whether the part behind the `@` is at least two labels, the last of which is not a number.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL_MAX
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = domain.rsplit_once('.').map(|(_, last)| last);
    domain.split('.').all(is_label) && last.is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn email(text: &str) -> Email {
        text.parse().expect("a good address")
    }

    #[test]
    fn only_the_domain_is_put_in_lower_case() {
        assert_eq!(email(" Ada.L@Example.COM ").as_str(), "Ada.L@example.com");
        assert_eq!(email("Ada.L@Example.COM").key(), email("ada.l@example.com").key());
    }

    #[test]
    fn signing_in_keeps_tags_and_dots_apart() {
        assert_ne!(email("a.b@gmail.com").key(), email("ab@gmail.com").key());
        assert_ne!(email("ada+x@example.com").key(), email("ada@example.com").key());
    }

    #[test]
    fn one_person_has_one_key_however_the_address_is_dressed_up() {
        assert_eq!(email("Ada+shop@Example.com").person_key(), "ada@example.com");
        assert_eq!(email("a.d.a+x+y@googlemail.com").person_key(), "ada@gmail.com");
        assert_ne!(email("a.da@example.com").person_key(), email("ada@example.com").person_key());
        assert_eq!(email("+tag@example.com").person_key(), "+tag@example.com");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        for text in [
            "",
            "@",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "ada@@example.com",
            "a..b@example.com",
            "a b@example.com",
            ".a@example.com",
            "a@-x.com",
            "a@x.com.",
            "a@1.2.3.4",
            "a@exämple.com",
            "a\r\nBcc: x@y.com@example.com",
            "\"a\"@example.com",
            long.as_str(),
        ] {
            assert_eq!(text.parse::<Email>(), Err(EmailError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,40}(@|\\+|\\.)\\PC{0,40}") {
            if let Ok(email) = text.parse::<Email>() {
                prop_assert_eq!(email.as_str().parse::<Email>(), Ok(email.clone()));
                prop_assert!(email.person_key().contains('@'));
            }
        }

        #[test]
        fn what_we_accept_a_mail_can_be_written_to(
            local in "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\\.[a-z0-9+]{1,10}){0,2}", domain in "[a-zA-Z0-9]{1,20}(\\.[A-Za-z]{2,6}){1,2}",
        ) {
            let email: Email = format!("{local}@{domain}").parse().expect("a good address");
            prop_assert!(email.as_str().parse::<lettre::Address>().is_ok());
        }

        #[test]
        fn a_tag_never_makes_another_person(
            local in "[A-Za-z0-9_-][A-Za-z0-9+_-]{0,20}(\\.[a-z0-9+]{1,10}){0,2}", tag in "[a-z0-9]{0,9}",
            domain in "(gmail\\.com|example\\.org)",
        ) {
            let key = |text: String| text.parse::<Email>().map(|email| email.person_key());
            prop_assert_eq!(key(format!("{local}@{domain}")), key(format!("{local}+{tag}@{}", domain.to_uppercase())));
        }
    }
}
