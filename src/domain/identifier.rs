//! Identifiers, each its own type so that none is passed for another.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

identifier!(
    /// A product's id in the feed (stock keeping unit).
    Sku
);
identifier!(
    /// One conversation: a face's name and its own id, such as `telegram:42` or `terminal`.
    ConversationId
);
impl ConversationId {
    /// The name of the face that it is held at.
    pub fn face(&self) -> &str {
        self.as_str().split(':').next().unwrap_or_default()
    }

    /// Whether others read along: a group's conversations are named after the group and the person, `telegram:-100:42`.
    pub fn is_public(&self) -> bool {
        self.as_str().split(':').nth(2).is_some()
    }
}

identifier!(
    /// A shopper across conversations of one face.
    ShopperId
);
identifier!(
    /// An order's number as printed on the receipt.
    OrderId
);

/// The number of a catalog generation; each successful load makes the next one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub u64);

impl fmt::Display for Generation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
