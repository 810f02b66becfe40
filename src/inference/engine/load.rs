//! Loading a model: every check that llama.cpp does not make, then llama.cpp.
//!
//! Never decodes. Called by `Engine::start`.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::{LlamaBackendDeviceType, LogOptions, list_llama_ggml_backend_devices, send_logs_to_tracing};

use super::settings::EngineSettings;
use crate::domain::generator::ModelDescription;
use crate::inference::error::InferenceError;
use crate::inference::gguf::{GgufHeader, read_header};
use crate::inference::manifest::Manifest;
use crate::inference::processor::check_processor;

const DEFAULT_CONTEXT: u32 = 8192;

/// A model in memory and what is known of it.
#[derive(Debug)]
pub struct LoadedModel {
    /// llama.cpp's model.
    pub model: Arc<LlamaModel>,
    /// From the file beside it, or assumed.
    pub manifest: Manifest,
    /// For the assistant and for people.
    pub description: ModelDescription,
    /// The longest sequence that the model was trained for and the context holds.
    pub sequence_limit: usize,
}

/// Checks and loads the model of the settings.
///
/// # Errors
/// Every [`InferenceError`], each naming the file or setting.
pub fn load(settings: &EngineSettings) -> Result<LoadedModel, InferenceError> {
    check_processor()?;
    check_settings(settings)?;
    let path = settings.model.as_path();
    let header = read_header(path)?;
    refuse_encoders(path, &header)?;
    let manifest = match Manifest::beside(path)? {
        Some(manifest) => manifest,
        None => Manifest::assumed(path, &header),
    };
    manifest.verify(path)?;
    let backend = backend()?;
    let (model, layers, device) = load_offloaded(backend, path, &header, settings.gpu_layers)?;
    if model.n_vocab() <= 0 || model.n_ctx_train() == 0 {
        return Err(load_error(path, &header, "it has no vocabulary or no context"));
    }
    let trained = model.n_ctx_train();
    let context = settings
        .context
        .unwrap_or_else(|| trained.saturating_mul(u32::try_from(settings.slots).unwrap_or(1)).min(DEFAULT_CONTEXT));
    let description = ModelDescription {
        name: manifest.name.clone(),
        device,
        offloaded_layers: (layers, model.n_layer() + 1),
        parameters: model.n_params(),
        context,
        prompt_profile: manifest.prompt_profile.clone(),
        jobs: manifest.jobs.clone(),
        rank_weight: manifest.rank_weight(),
    };
    let sequence_limit = context.min(trained) as usize;
    Ok(LoadedModel { model: Arc::new(model), manifest, description, sequence_limit })
}

/// llama.cpp's backend, which exists once in a process; its log goes to `tracing` from here on.
///
/// # Errors
/// [`InferenceError::Thread`] when something else has initialised it.
pub fn backend() -> Result<&'static LlamaBackend, InferenceError> {
    static BACKEND: OnceLock<LlamaBackend> = OnceLock::new();
    static FIRST: Mutex<()> = Mutex::new(());
    let _guard = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(backend) = BACKEND.get() {
        return Ok(backend);
    }
    send_logs_to_tracing(LogOptions::default());
    let backend = LlamaBackend::init().map_err(|error| InferenceError::Thread(error.to_string()))?;
    Ok(BACKEND.get_or_init(|| backend))
}

fn check_settings(settings: &EngineSettings) -> Result<(), InferenceError> {
    let range = |name, value: usize, most: usize| {
        if (1..=most).contains(&value) {
            return Ok(());
        }
        Err(InferenceError::Setting { name, reason: format!("{value} is not between 1 and {most}") })
    };
    range("slots", settings.slots, 64)?;
    range("prefixes", settings.prefixes, 32)?;
    range("queue", settings.queue, 100_000)?;
    if let Some(context) = settings.context {
        range("context", context as usize, 1 << 22)?;
    }
    if let Some(threads) = settings.threads {
        range("threads", threads, 512)?;
    }
    Ok(())
}

/// Models that give embeddings and no text would stop the process at their first token.
fn refuse_encoders(path: &Path, header: &GgufHeader) -> Result<(), InferenceError> {
    let architecture = header.architecture();
    let pooled = header.metadata.contains_key(&format!("{architecture}.pooling_type"));
    if pooled || architecture.contains("bert") || ["t5encoder", "clip", "mmproj"].contains(&architecture) {
        return Err(load_error(path, header, "it gives embeddings and no text"));
    }
    Ok(())
}

fn load_error(path: &Path, header: &GgufHeader, reason: &str) -> InferenceError {
    InferenceError::Load {
        path: path.to_path_buf(),
        architecture: header.architecture().to_owned(),
        reason: reason.to_owned(),
    }
}

/// The model, how many layers are on the GPU and the device's name. Tries fewer layers when the GPU refuses.
fn load_offloaded(
    backend: &LlamaBackend,
    path: &Path,
    header: &GgufHeader,
    setting: Option<u32>,
) -> Result<(LlamaModel, u32, String), InferenceError> {
    let gpus: Vec<_> = list_llama_ggml_backend_devices()
        .into_iter()
        .filter(|device| {
            matches!(device.device_type, LlamaBackendDeviceType::Gpu | LlamaBackendDeviceType::IntegratedGpu)
        })
        .collect();
    let all = header
        .integer(&format!("{}.block_count", header.architecture()))
        .and_then(|blocks| u32::try_from(blocks).ok())
        .map_or(1, |blocks| blocks + 1);
    let free: u64 = gpus.iter().map(|gpu| gpu.memory_free as u64).sum();
    let fitting = if gpus.is_empty() { 0 } else { layers_that_fit(header.file_bytes, all, free) };
    let mut layers = setting.map_or(fitting, |layers| if gpus.is_empty() { 0 } else { layers.min(all) });
    loop {
        let parameters = LlamaModelParams::default().with_n_gpu_layers(layers);
        match LlamaModel::load_from_file(backend, path, &parameters) {
            Ok(model) => {
                let device = match gpus.first() {
                    Some(gpu) if layers > 0 => format!("{} ({})", gpu.name, gpu.description),
                    _ => "cpu".to_owned(),
                };
                tracing::info!(model.path = %path.display(), model.device = %device, model.layers_offloaded = layers, model.layers = all, "model loaded");
                return Ok((model, layers, device));
            }
            Err(error) if layers == 0 || setting.is_some() => {
                return Err(load_error(path, header, &format!("{error}; its log says why")));
            }
            Err(error) => {
                tracing::warn!(%error, model.layers_offloaded = layers, "the GPU refused the model, trying fewer layers");
                layers /= 2;
            }
        }
    }
}

/// Whole layers that fit in the free memory of the GPUs, a fifth of it left for the context and the work.
fn layers_that_fit(file_bytes: u64, layers: u32, free_bytes: u64) -> u32 {
    let per_layer = (file_bytes / u64::from(layers.max(1))).max(1);
    let usable = free_bytes / 5 * 4;
    u32::try_from(usable / per_layer).unwrap_or(u32::MAX).min(layers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_follow_the_free_memory() {
        assert_eq!(layers_that_fit(29 << 20, 29, 100 << 20), 29);
        assert_eq!(layers_that_fit(29 << 20, 29, 10 << 20), 8);
        assert_eq!(layers_that_fit(29 << 20, 29, 0), 0);
    }

    #[test]
    fn a_setting_out_of_range_is_named() {
        let settings = EngineSettings { slots: 0, ..EngineSettings::for_model("x.gguf") };
        assert_eq!(
            check_settings(&settings).unwrap_err().to_string(),
            "invalid setting slots: 0 is not between 1 and 64"
        );
    }
}
