//! Access tokens: stored as hashes, each for one business or for all.

use std::{collections::BTreeSet, fmt, str::FromStr};

use data_encoding::HEXLOWER_PERMISSIVE;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Whose calls a token may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of all businesses.
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

/// A token's hash and scope.
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

/// All tokens. If there are none, nobody may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens(Vec<Token>);

impl Tokens {
    /// Whether there are no tokens.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scope of a token; `None` if it is invalid.
    pub fn scope_of(&self, token: &str) -> Option<Scope> {
        self.find_by_hash(&Sha256::digest(token.as_bytes()).into()).map(|token| token.scope)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Token> {
        self.0.iter()
    }

    /// Compares with every token, so that the time taken reveals nothing.
    pub(super) fn find_by_hash(&self, hash: &[u8; 32]) -> Option<&Token> {
        let mut found = u64::MAX;
        for (number, token) in (0..).zip(&self.0) {
            let is_same: Choice = token.hash.ct_eq(hash);
            found.conditional_assign(&number, is_same);
        }
        self.0.get(usize::try_from(found).ok()?)
    }
}

/// From `<sha256>=7,<sha256>=*`.
impl FromStr for Tokens {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        let tokens: Vec<Token> = texts.map(parse_token).collect::<Result<_, _>>()?;
        let mut seen = BTreeSet::new();
        if !tokens.iter().all(|token| seen.insert(token.hash)) {
            return Err("a hash is listed twice: give each token one business, or `*` for all");
        }
        Ok(Self(tokens))
    }
}

fn parse_token(text: &str) -> Result<Token, &'static str> {
    const FORMAT: &str = "each should be the SHA-256 of a token (64 hexadecimal digits), `=`, and a business id or `*`: \
                         printf %s TOKEN | sha256sum";
    let (hash, scope) = text.split_once('=').ok_or(FORMAT)?;
    let hash = HEXLOWER_PERMISSIVE.decode(hash.trim().as_bytes()).map_err(|_| FORMAT)?;
    if hash == Sha256::digest(b"").as_slice() {
        return Err(
            "one is the SHA-256 of the empty string, so anybody could read: was TOKEN set when you computed it?",
        );
    }
    let scope = match scope.trim() {
        "*" => Scope::All,
        id => Scope::Business(id.parse().map_err(|_| FORMAT)?),
    };
    Ok(Token { hash: hash.try_into().map_err(|_| FORMAT)?, scope })
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
        assert!(error.starts_with("a hash is listed twice"), "{error}");
    }
}
