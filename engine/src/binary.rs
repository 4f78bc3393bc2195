//! WebAssembly binaries: validation without compiling, and conversion from and to text (WAT).

use crate::config::CONCURRENT_LANGUAGE;
use crate::ffi::*;
use wasmparser::{BinaryReaderError, Parser, Validator, WasmFeatures};
use wast::parser::{self, ParseBuffer};

pub(crate) fn problem_of(error: &BinaryReaderError) -> tnengine_problem_t {
    tnengine_problem_t {
        message: error.message().to_string(),
        offset: Some(error.offset() as u64),
        ..Default::default()
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_validate(component: &tnengine_slice_t<'_>) -> Refused {
    guard_problem(|| {
        let bytes = component.bytes();
        if Parser::is_core_wasm(bytes) {
            return Err(tnengine_problem_t {
                offset: Some(4),
                ..tnengine_problem_t::new("expected a component, found a core module")
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

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wat_to_wasm(
    file: &tnengine_slice_t<'_>,
    text: &tnengine_slice_t<'_>,
    wasm: &mut tnengine_bytes_t,
) -> Refused {
    guard_problem(|| {
        if text.bytes().starts_with(b"\0asm") {
            wasm.set(text.bytes().to_vec());
            return Ok(());
        }
        let source = text.text().map_err(tnengine_problem_t::new)?;
        let place = |error: wast::Error| {
            let start = error.span().offset();
            let (line, column, excerpt) = locate(source, start, start);
            tnengine_problem_t {
                cause: Cause::Input,
                message: error.message(),
                file: String::from_utf8_lossy(file.bytes()).into_owned(),
                excerpt,
                offset: Some(start as u64),
                line,
                column,
                ..Default::default()
            }
        };
        let buffer = ParseBuffer::new(source).map_err(place)?;
        let mut parsed = parser::parse::<wast::Wat>(&buffer).map_err(place)?;
        wasm.set(parsed.encode().map_err(place)?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasm_to_wat(
    wasm: &tnengine_slice_t<'_>,
    text: &mut tnengine_bytes_t,
) -> Refused {
    guard_problem(|| {
        let printed = wasmprinter::print_bytes(wasm.bytes()).map_err(|error| {
            match error.downcast_ref::<BinaryReaderError>() {
                Some(error) => problem_of(error),
                None => tnengine_problem_t::new(format!("{error:#}")),
            }
        })?;
        text.set(printed.into_bytes());
        Ok(())
    })
}
