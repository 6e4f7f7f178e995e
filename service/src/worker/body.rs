//! Reads response bodies up to a limit.

use reqwest::Response;

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub(super) enum BodyError {
    #[error("the response is larger than {0} bytes")]
    TooLarge(u64),
    #[error("no response, or an incomplete one")]
    Transfer(#[source] reqwest::Error),
}

/// Reads the body, unless it is too large. `Content-Length` is trusted only to refuse early.
pub(super) async fn read(mut answer: Response, max_bytes: u64) -> Result<Vec<u8>, BodyError> {
    let is_longer = |length: u64| length > max_bytes;
    if answer.content_length().is_some_and(is_longer) {
        return Err(BodyError::TooLarge(max_bytes));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| BodyError::Transfer(error.without_url()))? {
        if is_longer(u64::try_from(body.len() + chunk.len()).unwrap_or(u64::MAX)) {
            return Err(BodyError::TooLarge(max_bytes));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
