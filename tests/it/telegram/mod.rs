//! The Telegram face against a Bot API server of our own.

mod bot_api;
mod faults;
mod habits;
mod receiving;
mod scripted;
