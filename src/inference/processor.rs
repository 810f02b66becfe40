//! What the machine offers: instruction sets, threads, and the environment that llama.cpp wants before it starts.
//!
//! Called by `engine` and, first thing, by `main`.

use std::process::Command;

use super::error::InferenceError;

/// Models up to so many weights run on one thread: at 5M weights two threads were no faster alone and fell from 7 to 154 ms a
/// request beside other load.
const ONE_THREAD_WEIGHTS: u64 = 60_000_000;

/// Variables that only count when they are there before the process starts. Waiting threads of OpenMP (in GPU and system
/// builds of ggml) must sleep and not spin, and an abort of ggml must not start a debugger to print a backtrace.
const ENVIRONMENT: [(&str, &str); 2] = [("OMP_WAIT_POLICY", "passive"), ("GGML_NO_BACKTRACE", "1")];

/// Numbers of threads for llama.cpp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threads {
    /// For one token a sequence.
    pub decode: i32,
    /// For prompts.
    pub prefill: i32,
}

/// Checks that the processor has the instruction sets that a static x86-64 build of llama.cpp assumes.
///
/// # Errors
/// [`InferenceError::Processor`] naming those that are missing: without the check the process dies by SIGILL.
pub fn check_processor() -> Result<(), InferenceError> {
    let missing = missing_features();
    if missing.is_empty() { Ok(()) } else { Err(InferenceError::Processor { missing: missing.join(", ") }) }
}

/// How many threads suit a model of so many weights, unless a setting says.
pub fn threads_for(weights: u64, setting: Option<usize>) -> Threads {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (decode, prefill) = match setting {
        Some(threads) => (threads.max(1), threads.max(1)),
        None if weights <= ONE_THREAD_WEIGHTS => (1, 1),
        None => ((cores - 1).max(1), cores),
    };
    Threads { decode: decode.min(512) as i32, prefill: prefill.min(512) as i32 }
}

/// Starts this program again with the environment that llama.cpp wants, when it is not there yet.
///
/// Returns when nothing has to be done, or when the program cannot be started again (it then runs as it is). On Unix the
/// process is replaced and keeps its id; elsewhere this does nothing. Call it first in `main`.
pub fn restart_with_environment() {
    let wanted: Vec<_> = ENVIRONMENT.iter().filter(|(name, _)| std::env::var_os(name).is_none()).collect();
    if wanted.is_empty() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut command = Command::new(program);
    let mut arguments = std::env::args_os();
    let name = arguments.next();
    command.args(arguments).envs(wanted.into_iter().copied());
    replace_process(command, name);
}

#[cfg(unix)]
fn replace_process(mut command: Command, name: Option<std::ffi::OsString>) {
    use std::os::unix::process::CommandExt;
    if let Some(name) = name {
        command.arg0(name);
    }
    // Returns only when it fails; the program then goes on without.
    let error = command.exec();
    tracing::debug!(%error, "cannot restart with the environment for llama.cpp");
}

#[cfg(not(unix))]
fn replace_process(_command: Command, _name: Option<std::ffi::OsString>) {}

#[cfg(target_arch = "x86_64")]
fn missing_features() -> Vec<&'static str> {
    let mut missing = Vec::new();
    let present = [
        ("AVX2", is_x86_feature_detected!("avx2")),
        ("F16C", is_x86_feature_detected!("f16c")),
        ("FMA", is_x86_feature_detected!("fma")),
        ("BMI2", is_x86_feature_detected!("bmi2")),
    ];
    missing.extend(present.iter().filter(|(_, present)| !present).map(|(name, _)| *name));
    missing
}

#[cfg(not(target_arch = "x86_64"))]
fn missing_features() -> Vec<&'static str> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tiny_model_gets_one_thread_and_a_setting_wins() {
        assert_eq!(threads_for(5_000_000, None), Threads { decode: 1, prefill: 1 });
        assert_eq!(threads_for(5_000_000, Some(3)), Threads { decode: 3, prefill: 3 });
        assert!(threads_for(7_000_000_000, None).prefill >= threads_for(7_000_000_000, None).decode);
    }
}
