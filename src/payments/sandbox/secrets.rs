//! The signing secrets of the webhook endpoint: one, or while it is rolled the new one and the old.

use super::webhook::Signer;

struct Secret {
    text: String,
    signer: Signer,
    /// When it stops signing (Unix seconds of the real clock); `None` for the newest.
    until: Option<i64>,
}

pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// # Errors
    /// Refuses a secret that cannot be a key.
    pub fn new(text: &str) -> std::io::Result<Self> {
        Ok(Self(vec![Secret { text: text.to_owned(), signer: Signer::new(text)?, until: None }]))
    }

    /// A new secret; what signed before goes on for `overlap` seconds.
    ///
    /// # Errors
    /// Refuses a secret that cannot be a key.
    pub fn roll(&mut self, text: &str, now: i64, overlap: i64) -> std::io::Result<()> {
        let signer = Signer::new(text)?;
        for secret in &mut self.0 {
            secret.until = Some(secret.until.unwrap_or(i64::MAX).min(now + overlap));
        }
        self.0.insert(0, Secret { text: text.to_owned(), signer, until: None });
        self.0.retain(|secret| secret.until.is_none_or(|until| until > now));
        Ok(())
    }

    /// Those that sign now, the newest first.
    pub fn texts(&self, now: i64) -> Vec<&str> {
        self.signing(now).map(|secret| secret.text.as_str()).collect()
    }

    /// The value of `Stripe-Signature`: a `v1` for each secret.
    pub fn header(&self, now: i64, payload: &[u8]) -> String {
        self.signing(now)
            .fold(format!("t={now}"), |header, secret| format!("{header},v1={}", secret.signer.signature(now, payload)))
    }

    fn signing(&self, now: i64) -> impl Iterator<Item = &Secret> {
        self.0.iter().filter(move |secret| secret.until.is_none_or(|until| until > now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roll_signs_with_both_until_the_overlap_is_over() {
        let mut secrets = Secrets::new("whsec_old").expect("a key");
        let old = secrets.header(100, b"x");
        secrets.roll("whsec_new", 100, 50).expect("a key");
        let both = secrets.header(100, b"x");
        assert_eq!(both.matches(",v1=").count(), 2);
        assert!(both.ends_with(old.split_once(',').expect("a signature").1));
        assert_eq!(secrets.texts(149), ["whsec_new", "whsec_old"]);
        assert_eq!(secrets.texts(150), ["whsec_new"]);
        assert_eq!(secrets.header(150, b"x"), Secrets::new("whsec_new").expect("a key").header(150, b"x"));
    }
}
