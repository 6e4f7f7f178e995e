//! Session cookies: signed, valid for twelve hours and only while their token is configured.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::tokens::{Scope, Tokens};
use secrecy::{ExposeSecret, SecretString};

/// The name of the cookie.
pub(super) const COOKIE: &str = "call_log_session";

/// How long a session lasts.
pub(super) const LIFETIME: Duration = Duration::from_hours(12);

/// Signs and verifies session cookies.
pub(super) struct Sessions {
    key: Hmac<Sha256>,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions(***)")
    }
}

impl Sessions {
    /// Signs with the configured key, or with a random one that lasts as long as the process.
    pub(super) fn new(key: Option<&SecretString>) -> Self {
        let key = if let Some(key) = key {
            Hmac::new_from_slice(key.expose_secret().as_bytes())
        } else {
            let mut random = [0; 32];
            getrandom::fill(&mut random).expect("the system has random numbers");
            Hmac::new_from_slice(&random)
        };
        Self { key: key.expect("HMAC takes a key of any length") }
    }

    /// The cookie for a verified token's hash. `now` is in seconds since 1970.
    pub(super) fn begin(&self, token: &[u8; 32], now: u64) -> String {
        let mut session = (now + LIFETIME.as_secs()).to_be_bytes().to_vec();
        session.extend(self.token_id(token));
        let signature = self.key.clone().chain_update(&session).finalize();
        session.extend(signature.into_bytes());
        BASE64URL_NOPAD.encode(&session)
    }

    /// The scope of a cookie; `None` if it is invalid or has expired.
    pub(super) fn scope_of(&self, cookie: &str, now: u64, tokens: &Tokens) -> Option<Scope> {
        let session = BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?;
        let (signed, signature) = session.split_at_checked(8 + 16)?;
        self.key.clone().chain_update(signed).verify_slice(signature).ok()?;
        let (until, token_id) = signed.split_first_chunk::<8>()?;
        let has_expired = u64::from_be_bytes(*until) <= now;
        tokens.iter().find(|token| !has_expired && self.token_id(&token.hash) == token_id).map(|token| token.scope)
    }

    /// Identifies a token without revealing its hash.
    fn token_id(&self, token: &[u8; 32]) -> [u8; 16] {
        let hash = self.key.clone().chain_update(b"token").chain_update(token).finalize().into_bytes();
        let (token_id, _) = hash.split_first_chunk::<16>().expect("a hash has 32 bytes");
        *token_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: [u8; 32] = [7; 32];

    fn tokens(scope: &str) -> Tokens {
        format!("{}={scope}", "07".repeat(32)).parse().unwrap()
    }

    #[test]
    fn a_session_expires_after_its_lifetime_or_with_its_token() {
        let sessions = Sessions::new(None);
        let cookie = sessions.begin(&HASH, 1_000);
        let end = 1_000 + LIFETIME.as_secs();
        assert_eq!(sessions.scope_of(&cookie, end - 1, &tokens("7")), Some(Scope::Business(7)));
        assert_eq!(sessions.scope_of(&cookie, end, &tokens("7")), None);
        assert_eq!(sessions.scope_of(&cookie, 1_000, &Tokens::default()), None);
    }

    #[test]
    fn a_session_cannot_be_forged() {
        let cookie = Sessions::new(None).begin(&HASH, 1_000);
        let sessions = Sessions::new(Some(&SecretString::from("a key of two processes, side by side")));
        assert_eq!(sessions.scope_of(&cookie, 1_000, &tokens("*")), None);
        for forged in ["", "AAAA", &"A".repeat(75), "not base64!"] {
            assert_eq!(sessions.scope_of(forged, 0, &tokens("*")), None);
        }
        let own = sessions.begin(&HASH, 1_000);
        for position in 0..own.len() {
            let mut changed = own.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(sessions.scope_of(&changed, 1_000, &tokens("*")), None);
        }
    }
}
