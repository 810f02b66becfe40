//! No model: every request is refused with the reason, and no job is trusted to it.
//!
//! Used by `assemble` for `--no-model` and when a GGUF does not load.

use crate::domain::generator::{
    Generation, GenerationRequest, GeneratorError, ModelDescription, ScoreRequest, TextGenerator,
};

/// The place where a model would be.
#[derive(Debug, Clone)]
pub struct Absent {
    reason: String,
}

impl Absent {
    /// `reason` is told to whoever asks for text.
    pub fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }

    fn refusal(&self) -> GeneratorError {
        GeneratorError::Unavailable(self.reason.clone())
    }
}

impl TextGenerator for Absent {
    fn describe(&self) -> ModelDescription {
        ModelDescription { name: "none".into(), device: "none".into(), ..ModelDescription::default() }
    }

    fn generate(&self, _request: GenerationRequest) -> Result<Generation, GeneratorError> {
        Err(self.refusal())
    }

    fn score(&self, _request: ScoreRequest) -> Result<Vec<f32>, GeneratorError> {
        Err(self.refusal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::generator::{Job, Priority};

    #[test]
    fn nothing_is_trusted_and_the_reason_is_told() {
        let absent = Absent::because("--no-model");
        assert!(!absent.is_trusted_with(Job::Parse));
        let request = ScoreRequest {
            prefix: Vec::new(),
            candidates: Vec::new(),
            positive: "yes".into(),
            negative: "no".into(),
            priority: Priority::Explain,
            deadline: std::time::Instant::now(),
        };
        assert_eq!(absent.score(request).unwrap_err().to_string(), "no model is loaded: --no-model");
    }
}
