//! Signs with a secret that is made once for a shop: what is signed is the same after a restart, and nobody can guess it.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::keyboard::{new_token, token_of};
use crate::store::{Store, StoreError, Table};

/// The signer.
pub struct Signer {
    secret: String,
}

impl Signer {
    /// Takes the shop's secret, or makes it.
    ///
    /// # Errors
    /// The store fails, or the system has no randomness to give.
    pub fn open(store: &Store) -> Result<Self, StoreError> {
        let path = store.beside("telegram-secret");
        let random =
            |cause: getrandom::Error| StoreError::File { path, cause: std::io::Error::other(cause.to_string()) };
        let new = [new_token(), new_token()].into_iter().collect::<Result<String, _>>().map_err(random)?;
        let secrets: Table<String> = store.table("telegram_secret")?;
        secrets.put_new("keyboards", &new)?;
        Ok(Self { secret: secrets.get("keyboards")?.unwrap_or(new) })
    }

    /// The token of the n-th message of a reply: with it the buttons of a message that shows twice work in both.
    pub fn token(&self, conversation: &str, seq: i64, place: usize) -> String {
        self.sign(&format!("token {conversation} {seq} {place}"))
    }

    /// By what the words of a message are known again.
    pub fn digest(&self, chat: i64, words: &str) -> String {
        self.sign(&format!("words {chat} {words}"))
    }

    fn sign(&self, text: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()) else { return String::new() };
        mac.update(text.as_bytes());
        token_of(&mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_same_after_a_restart_and_another_for_another_message() {
        let folder = tempfile::tempdir().expect("folder");
        let open = || Signer::open(&Store::open(&folder.path().join("state")).expect("store").0).expect("signer");
        let first = open().token("telegram:1", 5, 0);
        assert_eq!(open().token("telegram:1", 5, 0), first);
        assert_ne!(open().token("telegram:1", 5, 1), first);
    }
}
