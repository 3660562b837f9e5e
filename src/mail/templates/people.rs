//! What we write about a person's own matters and about teams. Names come from outside and are cleaned.

use super::{Letter, greeting, plain};

/// Somebody is asked into a team.
#[must_use]
pub fn invitation(public_url: &str, by: &str, account: &str, role: &str, token: &str) -> Letter {
    let (by, account) = (plain(by), plain(account));
    let paragraphs = [
        "Hello,".into(),
        format!("{by} invites you to the account {account} on Aethel, as {}.", role.to_lowercase()),
        format!("{public_url}/invitation?token={token}"),
        "The invitation ends in seven days. If you do not know them, ignore this mail and nothing will happen.".into(),
    ];
    Letter::new("You are invited to a team on Aethel", &paragraphs)
}

/// A link that proves who reads mail at a new address.
#[must_use]
pub fn confirm_new_address(public_url: &str, name: &str, token: &str) -> Letter {
    let paragraphs = [
        greeting(name),
        "You asked to sign in to Aethel with this address from now on. Confirm it here:".into(),
        format!("{public_url}/email?token={token}"),
        "The link works once, for 24 hours. If you did not ask for this, ignore this mail: nothing changes.".into(),
    ];
    Letter::new("Confirm your new e-mail address", &paragraphs)
}

/// Somebody wants to change to an address that has an account.
#[must_use]
pub fn address_taken(public_url: &str) -> Letter {
    let paragraphs = [
        "Hello,".into(),
        "Somebody, perhaps you, wanted to move another Aethel sign-in to this address. It has a sign-in of its own \
         already, so nothing was changed:"
            .into(),
        format!("{public_url}/signin"),
    ];
    Letter::new("This address is used on Aethel already", &paragraphs)
}

/// To the old address, once the new one is in force.
#[must_use]
pub fn address_changed(public_url: &str, name: &str, new: &str) -> Letter {
    let paragraphs = [
        greeting(name),
        format!("You now sign in to Aethel with {new}; this address no longer works."),
        format!("If this was not you, write to us at once and give this address:\n{public_url}"),
    ];
    Letter::new("Your e-mail address was changed", &paragraphs)
}

/// The password was changed by somebody who knew it.
#[must_use]
pub fn password_changed(public_url: &str, name: &str) -> Letter {
    let paragraphs = [
        greeting(name),
        "Your password was changed, and every other browser was signed out.".into(),
        format!("If this was not you, choose a new one at once:\n{public_url}/reset"),
    ];
    Letter::new("Your password was changed", &paragraphs)
}

/// One-time codes are asked for from now on.
#[must_use]
pub fn codes_on(public_url: &str, name: &str) -> Letter {
    let paragraphs = [
        greeting(name),
        "Signing in now asks for a one-time code besides your password.".into(),
        format!("If this was not you, choose a new password at once:\n{public_url}/reset"),
    ];
    Letter::new("One-time codes are on", &paragraphs)
}

/// One-time codes are no longer asked for.
#[must_use]
pub fn codes_off(public_url: &str, name: &str) -> Letter {
    let paragraphs = [
        greeting(name),
        "Signing in no longer asks for a one-time code.".into(),
        format!("If this was not you, choose a new password at once:\n{public_url}/reset"),
    ];
    Letter::new("One-time codes are off", &paragraphs)
}

/// A passkey was added.
#[must_use]
pub fn passkey_added(public_url: &str, name: &str, passkey: &str) -> Letter {
    let paragraphs = [
        greeting(name),
        format!("The passkey {} was added: it signs you in without a password.", plain(passkey)),
        format!("If this was not you, remove it at once and choose a new password:\n{public_url}/settings/security"),
    ];
    Letter::new("A passkey was added", &paragraphs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_carries_no_link_but_ours() {
        let letter = invitation("https://aethel.example", "Eve", "win at https://evil.example", "Viewer", "T0K");
        let text = letter.to("bob@example.com").text;
        assert!(text.contains("\nhttps://aethel.example/invitation?token=T0K\n"), "{text}");
        assert!(
            text.contains("Eve invites you to the account win at httpsevilexample on Aethel, as viewer."),
            "{text}"
        );
    }
}
