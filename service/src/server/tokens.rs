//! Who may read: tokens of which only the hash is known here, each for one business or for all.

use std::{collections::BTreeSet, fmt, str::FromStr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use data_encoding::HEXLOWER_PERMISSIVE;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::{app::App, problem::Problem};

/// Whose calls somebody may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everybody's.
    All,
    /// Those of one business.
    Business(i32),
}

impl Scope {
    /// The only business, or `None` for all.
    pub fn business_id(self) -> Option<i32> {
        match self {
            Self::All => None,
            Self::Business(id) => Some(id),
        }
    }
}

/// A token, known by its hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) hash: [u8; 32],
    pub(super) scope: Scope,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "***={:?}", self.scope)
    }
}

/// All tokens. Without any, nobody may read anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens(Vec<Token>);

impl Tokens {
    /// Whether nobody may read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose calls the bearer of a token may see.
    pub fn scope_of(&self, token: &str) -> Option<Scope> {
        self.find(&Sha256::digest(token.as_bytes()).into()).map(|token| token.scope)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Token> {
        self.0.iter()
    }

    /// Looks at every token, so that the time it takes tells nothing of any.
    pub(super) fn find(&self, hash: &[u8; 32]) -> Option<&Token> {
        let mut found = u64::MAX;
        for (number, token) in (0..).zip(&self.0) {
            let is_same: Choice = token.hash.ct_eq(hash);
            found.conditional_assign(&number, is_same);
        }
        self.0.get(usize::try_from(found).ok()?)
    }
}

/// `<sha256>=7,<sha256>=*`.
impl FromStr for Tokens {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        let tokens: Vec<Token> = texts.map(token).collect::<Result<_, _>>()?;
        let mut seen = BTreeSet::new();
        if !tokens.iter().all(|token| seen.insert(token.hash)) {
            return Err("one hash is listed twice, and a token is for one business, or for all");
        }
        Ok(Self(tokens))
    }
}

fn token(text: &str) -> Result<Token, &'static str> {
    const SHAPE: &str = "each should be 64 hexadecimal digits, the SHA-256 of a token, then = and a business id or *: \
                         printf %s TOKEN | sha256sum";
    let (hash, scope) = text.split_once('=').ok_or(SHAPE)?;
    let hash = HEXLOWER_PERMISSIVE.decode(hash.trim().as_bytes()).map_err(|_| SHAPE)?;
    if hash == Sha256::digest(b"").as_slice() {
        return Err("one is the SHA-256 of nothing, with which anybody could read: was TOKEN set when it was made?");
    }
    let scope = match scope.trim() {
        "*" => Scope::All,
        id => Scope::Business(id.parse().map_err(|_| SHAPE)?),
    };
    Ok(Token { hash: hash.try_into().map_err(|_| SHAPE)?, scope })
}

/// Somebody who showed a token in the header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller(pub(super) Scope);

impl Caller {
    /// The business that a request is about: the caller's own, whatever else is asked for.
    pub(super) fn business_id(self, asked: Option<i32>) -> Option<i32> {
        self.0.business_id().or(asked)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let tokens = &app.config().tokens;
        if tokens.is_empty() {
            return Err(Problem::unauthorized("no token is configured, so nobody may read: set `tokens`"));
        }
        let token = bearer(&parts.headers)
            .ok_or_else(|| Problem::unauthorized("a token is needed: Authorization: Bearer <token>"))?;
        tokens.scope_of(token).map(Self).ok_or_else(|| Problem::unauthorized("nobody has this token"))
    }
}

/// The token in the header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEVEN: &str = "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589"; // abcd
    const ALL: &str = "03AC674216F3E15C761EE1A5E255F067953623C8B388B4459E13F978D7C846F4"; // 1234

    #[test]
    fn a_token_is_found_by_its_hash() {
        let tokens: Tokens = format!("{SEVEN}=7, {ALL} = *,").parse().unwrap();
        assert_eq!(tokens.scope_of("abcd"), Some(Scope::Business(7)));
        assert_eq!(tokens.scope_of("1234"), Some(Scope::All));
        assert_eq!(tokens.scope_of("abcde"), None);
        assert_eq!(tokens.scope_of(SEVEN), None);
        assert_eq!(Tokens::default().scope_of(""), None);
        assert_eq!(format!("{tokens:?}"), "Tokens([***=Business(7), ***=All])");
    }

    #[test]
    fn a_token_has_one_scope() {
        let error = format!("{SEVEN}=7,{ALL}=*,{}=8", SEVEN.to_uppercase()).parse::<Tokens>().unwrap_err();
        assert!(error.starts_with("one hash is listed twice"), "{error}");
    }
}
