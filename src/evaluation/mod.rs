//! Floor 3: measures what the shop understands, finds and says against labelled sets. Called by `daogou eval`.

pub mod slots;
pub mod understanding;
