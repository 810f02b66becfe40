//! When people work: shifts of the week at a fixed offset from UTC. Pure; the time comes in as seconds since 1970.

use serde::{Deserialize, Deserializer, Serialize, de};

const DAY: i64 = 86_400;
/// 1970-01-01 was a Thursday; weeks begin on Monday here.
const THURSDAY: i64 = 3;

/// A span of work on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The days, 1 (Monday) to 7 (Sunday).
    pub days: Vec<u8>,
    /// From this time of the day, `09:00`.
    pub from: TimeOfDay,
    /// Until this one, up to `24:00`; one that is not later than `from` belongs to the next day.
    pub to: TimeOfDay,
}

/// Minutes since midnight, written `18:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct TimeOfDay(pub u16);

/// The working hours of the desk; no shift at all means always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkingHours {
    /// Minutes east of UTC.
    pub utc_offset_minutes: i32,
    /// The shifts.
    pub shifts: Vec<Shift>,
}

/// When the desk opens next, as people say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// The day, 1 (Monday) to 7.
    pub weekday: u8,
    /// The time of that day.
    pub time: TimeOfDay,
    /// How many days ahead; 0 is today.
    pub in_days: i64,
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let minutes = text.split_once(':').and_then(|(hours, minutes)| {
            let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
            (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 60 + minutes)
        });
        minutes.map(Self).ok_or_else(|| de::Error::custom(format!("`{text}` is not a time of day such as 18:30")))
    }
}

impl WorkingHours {
    /// Since when the desk has been open without a break, in seconds since 1970; none when it is closed.
    pub fn open_since(&self, now: i64) -> Option<i64> {
        if self.shifts.is_empty() {
            return Some(0);
        }
        let spans = self.spans_around(now);
        let mut start = spans.iter().find(|(from, to)| (*from..*to).contains(&now))?.0;
        while let Some((from, _)) = spans.iter().find(|(from, to)| *from < start && *to >= start) {
            start = *from;
        }
        Some(start)
    }

    /// When the desk opens next, in seconds since 1970; none when it is open, or never opens.
    pub fn opens_at(&self, now: i64) -> Option<i64> {
        if self.open_since(now).is_some() {
            return None;
        }
        self.spans_around(now).into_iter().map(|(from, _)| from).filter(|from| *from > now).min()
    }

    /// The next opening in words' terms; none when it is open, or never opens.
    pub fn next_opening(&self, now: i64) -> Option<Opening> {
        let opens = self.opens_at(now)?;
        let offset = i64::from(self.utc_offset_minutes) * 60;
        let (weekday, time) = self.local(opens);
        let in_days = (opens + offset).div_euclid(DAY) - (now + offset).div_euclid(DAY);
        Some(Opening { weekday, time, in_days })
    }

    /// The weekday (1: Monday) and the time of the day at the desk.
    pub fn local(&self, at: i64) -> (u8, TimeOfDay) {
        let local = at + i64::from(self.utc_offset_minutes) * 60;
        let weekday = (local.div_euclid(DAY) + THURSDAY).rem_euclid(7) + 1;
        let minutes = local.rem_euclid(DAY) / 60;
        (u8::try_from(weekday).unwrap_or(1), TimeOfDay(u16::try_from(minutes).unwrap_or(0)))
    }

    /// The spans of work of the week before and after, in seconds since 1970.
    fn spans_around(&self, now: i64) -> Vec<(i64, i64)> {
        let offset = i64::from(self.utc_offset_minutes) * 60;
        let today = (now + offset).div_euclid(DAY);
        let mut spans = Vec::new();
        for day in today - 8..=today + 8 {
            let weekday = (day + THURSDAY).rem_euclid(7) + 1;
            for shift in self.shifts.iter().filter(|shift| shift.days.iter().any(|named| i64::from(*named) == weekday))
            {
                let start = day * DAY + i64::from(shift.from.0) * 60 - offset;
                let length = i64::from(shift.to.0) - i64::from(shift.from.0);
                let length = if length > 0 { length } else { length + 24 * 60 };
                spans.push((start, start + length * 60));
            }
        }
        spans
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday 2026-11-23 00:00 UTC.
    const MONDAY: i64 = 1_795_392_000;

    fn hours(shifts: &str) -> WorkingHours {
        #[derive(Deserialize)]
        struct Shifts {
            shifts: Vec<Shift>,
        }
        let Shifts { shifts } = toml::from_str(shifts).expect("shifts");
        WorkingHours { utc_offset_minutes: 8 * 60, shifts }
    }

    #[test]
    fn the_desk_opens_in_the_morning_of_its_own_time_zone() {
        let hours = hours("shifts = [{ days = [1, 2, 3, 4, 5], from = \"09:00\", to = \"18:00\" }]");
        assert_eq!(hours.opens_at(MONDAY), Some(MONDAY + 3600), "00:00 UTC is 08:00 there");
        assert_eq!(hours.open_since(MONDAY + 3600), Some(MONDAY + 3600));
        assert_eq!(hours.open_since(MONDAY + 10 * 3600), None, "18:00 there");
        let saturday = MONDAY + 5 * DAY + 4 * 3600;
        assert_eq!(hours.opens_at(saturday), Some(MONDAY + 7 * DAY + 3600));
        assert_eq!(hours.local(saturday), (6, TimeOfDay(12 * 60)));
    }

    #[test]
    fn a_night_shift_and_shifts_that_touch_are_one_span() {
        let hours = hours(
            "shifts = [{ days = [1], from = \"20:00\", to = \"02:00\" }, { days = [2], from = \"02:00\", to = \"08:00\" }]",
        );
        let start = MONDAY + 12 * 3600;
        assert_eq!(hours.open_since(start + 11 * 3600), Some(start));
        assert_eq!(hours.open_since(start + 12 * 3600), None);
    }

    #[test]
    fn without_shifts_it_is_always_open() {
        assert_eq!(WorkingHours::default().open_since(MONDAY), Some(0));
        assert_eq!(WorkingHours::default().opens_at(MONDAY), None);
    }

    #[test]
    fn a_time_that_is_none_is_refused_by_name() {
        let error = toml::from_str::<Shift>("days = [1]\nfrom = \"25:00\"\nto = \"18:00\"").expect_err("refused");
        assert!(error.to_string().contains("`25:00`"), "{error}");
    }
}
