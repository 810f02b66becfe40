//! Floor 3: how shoppers reach the shop. A face translates what comes in into turns and draws replies; it decides nothing.

pub mod telegram;
pub mod terminal;
