//! The support desk: its people, hours and patience.

use serde::Deserialize;

use super::ConfigError;
use crate::domain::handoff::{Patience, Shift, StaffId, WorkingHours};
use crate::domain::language::{Language, Localized};

/// The support desk. The group itself is `telegram.support_group`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SupportConfig {
    /// The language of the staff.
    pub language: Language,
    /// The people, by their Telegram user ids. When there are any, nobody else of the group may act.
    pub staff: Vec<StaffConfig>,
    /// What shoppers see of someone who has no name in `staff`.
    pub default_name: Localized,
    /// Minutes that a shopper may wait for the answer of who claimed, before that person is warned.
    pub warn_minutes: u32,
    /// Minutes from the warning until the conversation goes back to the queue.
    pub requeue_minutes: u32,
    /// Minutes in the queue, within working hours, until everyone is reminded.
    pub remind_minutes: u32,
    /// Minutes from that reminder until the bot goes on alone.
    pub give_up_minutes: u32,
    /// Working hours.
    pub hours: HoursConfig,
    /// Replies that are ready. `{shop}`, `{staff}`, `{shopper}` and `{order}` are filled in.
    pub canned: Vec<CannedReply>,
}

/// A person of the staff.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffConfig {
    /// The Telegram user id.
    pub id: u64,
    /// What shoppers see.
    pub name: Localized,
}

/// When people work.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HoursConfig {
    /// Minutes east of UTC.
    pub utc_offset_minutes: i32,
    /// The shifts; none: always.
    pub shifts: Vec<Shift>,
}

/// A reply that is ready.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CannedReply {
    /// What its button says.
    pub name: String,
    /// The words.
    pub text: Localized,
}

/// What may stand in braces in a canned reply.
pub const CANNED_PLACEHOLDERS: [&str; 4] = ["shop", "staff", "shopper", "order"];

impl Default for SupportConfig {
    fn default() -> Self {
        Self {
            language: Language::Zh,
            staff: Vec::new(),
            default_name: Localized::both("客服", "Support"),
            warn_minutes: 5,
            requeue_minutes: 5,
            remind_minutes: 10,
            give_up_minutes: 50,
            hours: HoursConfig::default(),
            canned: Vec::new(),
        }
    }
}

impl SupportConfig {
    /// How long silence is borne.
    pub fn patience(&self) -> Patience {
        let seconds = |minutes: u32| i64::from(minutes) * 60;
        Patience {
            warn: seconds(self.warn_minutes),
            requeue: seconds(self.requeue_minutes),
            remind: seconds(self.remind_minutes),
            give_up: seconds(self.give_up_minutes),
        }
    }

    /// When people work.
    pub fn working_hours(&self) -> WorkingHours {
        WorkingHours { utc_offset_minutes: self.hours.utc_offset_minutes, shifts: self.hours.shifts.clone() }
    }

    /// Whether someone of the group may act.
    pub fn is_staff(&self, id: StaffId) -> bool {
        self.staff.is_empty() || self.staff.iter().any(|staff| staff.id == id.0)
    }

    /// What is shown of someone.
    pub fn name(&self, id: StaffId, language: Language) -> &str {
        let named = self.staff.iter().find(|staff| staff.id == id.0).map(|staff| staff.name.get(language));
        named.filter(|name| !name.is_empty()).unwrap_or_else(|| self.default_name.get(language))
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |setting, value: String, wanted| Err(ConfigError::OutOfRange { setting, value, wanted });
        for minutes in [self.warn_minutes, self.requeue_minutes, self.remind_minutes, self.give_up_minutes] {
            if !(1..=10_080).contains(&minutes) {
                return wrong("support.*_minutes", minutes.to_string(), "1 to 10080 wanted");
            }
        }
        if !(-720..=840).contains(&self.hours.utc_offset_minutes) {
            let value = self.hours.utc_offset_minutes.to_string();
            return wrong("support.hours.utc_offset_minutes", value, "-720 to 840 wanted");
        }
        if let Some(day) = self.hours.shifts.iter().flat_map(|shift| &shift.days).find(|day| !(1..=7).contains(*day)) {
            return wrong("support.hours.shifts.days", day.to_string(), "1 (Monday) to 7 wanted");
        }
        for canned in &self.canned {
            if let Some(name) = canned.text.iter().find_map(unknown_placeholder) {
                return wrong(
                    "support.canned.text",
                    format!("`{{{name}}}`"),
                    "one of {shop}, {staff}, {shopper}, {order} wanted",
                );
            }
        }
        Ok(())
    }
}

fn unknown_placeholder(text: &str) -> Option<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .find(|name| !CANNED_PLACEHOLDERS.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canned_reply_with_an_unknown_placeholder_is_refused_by_name() {
        let config: SupportConfig =
            toml::from_str("canned = [{ name = \"Hi\", text = { en = \"Hello {shoper}\" } }]").expect("read");
        assert!(config.check().expect_err("refused").to_string().contains("`{shoper}`"));
    }

    #[test]
    fn staff_is_everyone_of_the_group_until_someone_is_named() {
        let config: SupportConfig = toml::from_str("staff = [{ id = 5, name = { zh = \"小林\" } }]").expect("read");
        assert!(config.is_staff(StaffId(5)) && !config.is_staff(StaffId(6)));
        assert_eq!((config.name(StaffId(5), Language::En), config.name(StaffId(6), Language::En)), ("小林", "Support"));
        assert!(SupportConfig::default().is_staff(StaffId(6)));
    }
}
