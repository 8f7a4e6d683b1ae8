//! One credential.

use crate::oci::base64;
use crate::role::Secret;

/// The user name by which helpers and files say that the secret is an identity token.
const TOKEN_USER: &str = "<token>";

/// What to log in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A user and a password.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token that is exchanged for others, never sent to a registry itself.
    IdentityToken(Secret),
}

impl Credential {
    /// A credential of a user and a secret, as helpers give them.
    pub(super) fn of(user: &str, secret: &str) -> Self {
        if user == TOKEN_USER {
            return Self::IdentityToken(Secret::new(secret));
        }
        Self::Password { user: user.to_owned(), password: Secret::new(secret) }
    }

    /// Reads the `auth` member of a file: base64 of `user:password`. Zeros at the end are dropped,
    /// as old tools wrote them.
    pub(super) fn decode(auth: &str) -> Option<Self> {
        let text = String::from_utf8(base64::decode(auth)?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Self::of(user, password.trim_end_matches('\0')))
    }

    /// The user, for people; a token's user is `<token>`.
    pub fn user(&self) -> &str {
        match self {
            Self::Password { user, .. } => user,
            Self::IdentityToken(_) => TOKEN_USER,
        }
    }

    /// The value of an `Authorization` header of the scheme Basic; `None` for a token.
    pub fn basic(&self) -> Option<Secret> {
        match self {
            Self::Password { .. } => Some(self.basic_for_tokens()),
            Self::IdentityToken(_) => None,
        }
    }

    /// The same for a token server, which may get an identity token as the password of `<token>`.
    pub fn basic_for_tokens(&self) -> Secret {
        let (Self::Password { password: secret, .. } | Self::IdentityToken(secret)) = self;
        let pair = format!("{}:{}", self.user(), secret.reveal());
        Secret::new(format!("Basic {}", base64::encode(pair.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_base64() {
        let decoded = Credential::decode("dTpwOnE=").unwrap();
        assert_eq!(decoded.user(), "u");
        assert_eq!(decoded.basic().unwrap().reveal(), "Basic dTpwOnE=");
        assert!(Credential::decode("%%").is_none());
        let token = Credential::of("<token>", "t");
        assert_eq!(token, Credential::IdentityToken(Secret::new("t")));
        assert_eq!(token.basic(), None);
        assert_eq!(token.basic_for_tokens().reveal(), "Basic PHRva2VuPjp0");
        assert!(!format!("{decoded:?}").contains("p:q"));
    }
}
