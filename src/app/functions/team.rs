//! The people of an account: invited, joined, given roles, let go; and the accounts of a person.

use leptos::prelude::*;

use crate::app::error::AppError;
use crate::app::views::{InvitedView, TeamView};

#[cfg(feature = "ssr")]
use crate::{
    app::present::{self, request_key, visitor},
    ledger::InvitationId,
    server::context::{app, signed_in},
};

#[server(prefix = "/fn", endpoint = "team")]
pub async fn get_team() -> Result<TeamView, AppError> {
    present::team(&visitor().await?).await
}

/// What a mailed invitation leads to.
#[server(prefix = "/fn", endpoint = "invited")]
pub async fn get_invited(token: String) -> Result<InvitedView, AppError> {
    present::invited(&token).await
}

#[server(prefix = "/fn", endpoint = "invite")]
pub async fn invite(email: String, role: String) -> Result<(), AppError> {
    present::back_to_team("invited", present::invite(&signed_in().await?, &email, &role).await);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "revoke_invitation")]
pub async fn revoke_invitation(invitation: String) -> Result<(), AppError> {
    let (who, id) = (signed_in().await?, invitation.parse::<InvitationId>().map_err(|_| AppError::NotFound)?);
    let outcome = app().identity.revoke_invitation(&who, id).await;
    present::back_to_team("revoked", outcome.map_err(Into::into));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "accept_invitation")]
pub async fn accept_invitation(invitation: String) -> Result<(), AppError> {
    let (who, id) = (signed_in().await?, invitation.parse::<InvitationId>().map_err(|_| AppError::NotFound)?);
    let outcome = app().identity.accept_invitation(&who, id).await;
    present::back_to_team("joined", outcome.map_err(Into::into));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "decline_invitation")]
pub async fn decline_invitation(invitation: String) -> Result<(), AppError> {
    let (who, id) = (signed_in().await?, invitation.parse::<InvitationId>().map_err(|_| AppError::NotFound)?);
    let outcome = app().identity.decline_invitation(&who, id).await;
    present::back_to_team("declined", outcome.map_err(Into::into));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "set_role")]
pub async fn set_role(user: String, role: String) -> Result<(), AppError> {
    present::back_to_team("role", present::set_role(&signed_in().await?, &user, &role).await);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "remove_member")]
pub async fn remove_member(user: String) -> Result<(), AppError> {
    present::back_to_team("removed", present::remove_member(&signed_in().await?, &user).await);
    Ok(())
}

#[server(prefix = "/fn", endpoint = "leave_account")]
pub async fn leave_account() -> Result<(), AppError> {
    let outcome = app().identity.leave(&signed_in().await?).await;
    present::back_to_team("left", outcome.map_err(Into::into));
    Ok(())
}

/// Goes on in another account of the visitor's.
#[server(prefix = "/fn", endpoint = "switch_account")]
pub async fn switch_account(account: String) -> Result<(), AppError> {
    let account = account.parse().map_err(|_| AppError::NotFound)?;
    app().identity.switch_account(&signed_in().await?, account).await?;
    leptos_axum::redirect("/dashboard", false);
    Ok(())
}

/// Opens another account and goes on in it. The same `request` and name are one account.
#[server(prefix = "/fn", endpoint = "open_account")]
pub async fn open_account(name: String, request: String) -> Result<(), AppError> {
    let who = signed_in().await?;
    let key = request_key(&request, &[&name])?;
    let outcome = app().identity.open_another(&who, &name, &key).await;
    present::back_to_team("opened", outcome.map(drop).map_err(Into::into));
    Ok(())
}
