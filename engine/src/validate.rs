//! The engine's validator, without its compiler.

use crate::config::CONCURRENT_LANGUAGE;
use crate::ffi::*;
use wasmparser::{BinaryReaderError, Parser, Validator, WasmFeatures};

pub(crate) fn problem_of(error: &BinaryReaderError) -> tenon_engine_problem_t {
    tenon_engine_problem_t {
        message: error.message().to_string(),
        offset: Some(error.offset() as u64),
        ..Default::default()
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_validate(component: &tenon_engine_slice_t<'_>) -> Refused {
    guard_problem(|| {
        let bytes = component.bytes();
        if Parser::is_core_wasm(bytes) {
            return Err(tenon_engine_problem_t {
                offset: Some(4),
                ..tenon_engine_problem_t::new("a core module, where a component is needed")
            });
        }
        let validate = |features| Validator::new_with_features(features).validate_all(bytes);
        let Err(error) = validate(CONCURRENT_LANGUAGE) else {
            return Ok(());
        };
        let mut problem = problem_of(&error);
        if validate(WasmFeatures::all()).is_ok() {
            problem.cause = Cause::SwitchedOff;
        }
        Err(problem)
    })
}
