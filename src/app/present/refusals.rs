//! What the rooms refuse, as a page says it: codes and numbers only.

use crate::app::error::AppError;
use crate::app::format::query_value;
use crate::billing::KernelError;
use crate::identity::IdentityError;
use crate::judge::VerifyError;
use crate::ledger::Refusal;
use crate::payments::PaymentError;

/// A rule's refusal by its stable code.
pub fn refused(code: &str) -> AppError {
    AppError::Refused { code: code.to_owned() }
}

/// Leads back to a form, with the code of what was refused in the address.
pub fn refused_at(path: &str, error: &AppError) {
    let joint = if path.contains('?') { '&' } else { '?' };
    leptos_axum::redirect(&format!("{path}{joint}error={}", query_value(error.code())), false);
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::InsufficientCredits { required, available } => {
                Self::TooFewCredits { required: required.get(), available: available.get() }
            }
            Refusal::NoSuchAccount => Self::NotFound,
            other => refused(other.code()),
        }
    }
}

impl From<KernelError> for AppError {
    fn from(error: KernelError) -> Self {
        match error {
            KernelError::Refused(refusal) => refusal.into(),
            KernelError::IdempotencyConflict | KernelError::InProgress | KernelError::Undone => Self::Conflict,
            KernelError::Busy | KernelError::Unavailable => Self::Unavailable,
            KernelError::Corrupt => Self::Broken,
        }
    }
}

impl From<IdentityError> for AppError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Unavailable => Self::Unavailable,
            IdentityError::NotFound => Self::NotFound,
            other => refused(other.code()),
        }
    }
}

impl From<PaymentError> for AppError {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::Unavailable => Self::Unavailable,
            PaymentError::Conflict => Self::Conflict,
            other => refused(other.code()),
        }
    }
}

impl From<VerifyError> for AppError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Unreadable(_) => refused("unreadable"),
            VerifyError::Invalid(_) => refused("goal_invalid"),
            VerifyError::Kernel(error) => error.into(),
            VerifyError::Busy | VerifyError::Unavailable => Self::Unavailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::app::error::{PASSWORD_LEAST, PASSWORD_MOST, sentence_for};
    use crate::identity;

    #[test]
    fn pages_state_the_limits_of_passwords_that_hold() {
        assert_eq!(usize::try_from(PASSWORD_LEAST), Ok(identity::PASSWORD_LEAST));
        assert_eq!(usize::try_from(PASSWORD_MOST), Ok(identity::PASSWORD_MOST));
        for (code, limit) in [("password_too_short", PASSWORD_LEAST), ("password_too_long", PASSWORD_MOST)] {
            assert!(sentence_for(code).contains(&format!(" {limit} characters")), "{code}");
        }
    }
}
