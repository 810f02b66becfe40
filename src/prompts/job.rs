//! What each job's prompt is filled with.

use crate::domain::generator::Job;

/// The file's name without `.md`.
pub fn file_name(job: Job) -> &'static str {
    match job {
        Job::Parse => "parse",
        Job::Score => "score",
        Job::Reason => "reason",
        Job::Answer => "answer",
        Job::Summarise => "summarise",
        Job::Translate => "translate",
        Job::Describe => "describe",
        Job::Sentiment => "sentiment",
    }
}

/// The placeholders of a job's prompt, the most important first: what comes later is cut earlier.
pub fn placeholders(job: Job) -> &'static [&'static str] {
    match job {
        Job::Parse => &["message", "context"],
        Job::Score => &["product", "request"],
        Job::Reason => &["language", "request", "product"],
        Job::Answer => &["language", "question", "passages"],
        Job::Summarise => &["language", "text"],
        Job::Translate => &["language", "text"],
        Job::Describe => &["language", "attributes"],
        Job::Sentiment => &["review"],
    }
}

/// The placeholder that stands at the prompt's end because each candidate of a scoring takes its place.
pub fn candidate(job: Job) -> Option<&'static str> {
    match job {
        Job::Score => Some("product"),
        Job::Sentiment => Some("review"),
        _ => None,
    }
}
