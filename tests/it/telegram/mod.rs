//! The Telegram face against a Bot API server of our own.

mod binary;
mod bot_api;
mod faults;
mod habits;
mod killed;
mod learning;
mod load;
mod orders_killed;
mod receiving;
mod rules;
mod scripted;
mod slow_model;
mod storm;
mod streaming;
mod support;
mod support_edges;
mod updates;
mod wire;
