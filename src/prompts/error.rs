//! What can be wrong with a prompt.

/// Why a prompt cannot be loaded or filled; names the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    /// A file that a job needs is neither in the folder nor built in.
    #[error("missing prompt {file}")]
    Missing {
        /// Such as "prompts/tiny/answer.md".
        file: String,
    },
    /// A file cannot be read.
    #[error("cannot read {file}: {reason}")]
    Read {
        /// The file.
        file: String,
        /// The system's reason.
        reason: String,
    },
    /// A placeholder that the job does not have.
    #[error("unknown placeholder `{{{{{placeholder}}}}}` in {file} (known: {known})")]
    UnknownPlaceholder {
        /// The file.
        file: String,
        /// Its name.
        placeholder: String,
        /// Those that the job has.
        known: String,
    },
    /// A placeholder of the job that the file does not use.
    #[error("placeholder `{{{{{placeholder}}}}}` is missing in {file}")]
    UnusedPlaceholder {
        /// The file.
        file: String,
        /// Its name.
        placeholder: String,
    },
    /// The file's form is wrong.
    #[error("{file}, line {line}: {reason}")]
    Form {
        /// The file.
        file: String,
        /// From 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The profile has no prompt for a job.
    #[error("the prompt profile {profile} has no {job}")]
    NoJob {
        /// The profile.
        profile: String,
        /// The job's file name.
        job: String,
    },
    /// A value is missing or not asked for.
    #[error("the prompt {file} wants the values {wanted}, given {given}")]
    Values {
        /// The file.
        file: String,
        /// Names of its placeholders.
        wanted: String,
        /// Names of the values.
        given: String,
    },
    /// Even the shortest form is longer than allowed.
    #[error("the prompt {file} takes {needed} tokens at least, {budget} are allowed")]
    Budget {
        /// The file.
        file: String,
        /// Tokens, estimated.
        needed: usize,
        /// Tokens.
        budget: usize,
    },
}
