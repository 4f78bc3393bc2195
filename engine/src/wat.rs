//! WebAssembly text, in and out.

use crate::ffi::*;
use crate::validate::problem_of;
use wasmparser::BinaryReaderError;
use wast::parser::{self, ParseBuffer};

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_wat_to_wasm(
    file: &tenon_engine_slice_t<'_>,
    text: &tenon_engine_slice_t<'_>,
    wasm: &mut tenon_engine_bytes_t,
) -> Refused {
    guard_problem(|| {
        if text.bytes().starts_with(b"\0asm") {
            wasm.set(text.bytes().to_vec());
            return Ok(());
        }
        let source = text.text().map_err(tenon_engine_problem_t::new)?;
        let place = |error: wast::Error| {
            let start = error.span().offset();
            let (line, column, excerpt) = locate(source, start, start);
            tenon_engine_problem_t {
                cause: Cause::Input,
                message: error.message(),
                file: String::from_utf8_lossy(file.bytes()).into_owned(),
                excerpt,
                offset: Some(start as u64),
                line,
                column,
            }
        };
        let buffer = ParseBuffer::new(source).map_err(place)?;
        let mut parsed = parser::parse::<wast::Wat>(&buffer).map_err(place)?;
        wasm.set(parsed.encode().map_err(place)?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_wasm_to_wat(
    wasm: &tenon_engine_slice_t<'_>,
    text: &mut tenon_engine_bytes_t,
) -> Refused {
    guard_problem(|| {
        let printed = wasmprinter::print_bytes(wasm.bytes()).map_err(|error| {
            match error.downcast_ref::<BinaryReaderError>() {
                Some(found) => problem_of(found),
                None => tenon_engine_problem_t::new(format!("{error:#}")),
            }
        })?;
        text.set(printed.into_bytes());
        Ok(())
    })
}
