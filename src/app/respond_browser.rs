//! In the browser there is no answer to mark any more.

use super::error::AppError;

/// Does nothing: the status code was the server's to give.
pub fn with_error(_error: &AppError) {}
