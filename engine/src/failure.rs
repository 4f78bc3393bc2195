//! Converts an error of the engine into data: a kind, a message, and the guest's stack.

use crate::ffi::*;
use crate::raw::HostFailure;
use wasmtime::{Error, FrameInfo, Module, Trap, WasmBacktrace};
use wasmtime_c_api::wasmtime_error_t;
use wasmtime_wasi::I32Exit;

pub const TENON_ENGINE_FAILURE_TRAP: u8 = 0;
pub const TENON_ENGINE_FAILURE_INTERRUPTED: u8 = 1;
pub const TENON_ENGINE_FAILURE_OUT_OF_FUEL: u8 = 2;
pub const TENON_ENGINE_FAILURE_EXIT: u8 = 3;
pub const TENON_ENGINE_FAILURE_ERROR: u8 = 4;
pub const TENON_ENGINE_FAILURE_PANIC: u8 = 5;

pub struct tenon_engine_failure_t {
    kind: u8,
    exit_code: i32,
    message: String,
    frames: Vec<Frame>,
    payload: Option<u64>,
}

struct Frame {
    function: String,
    module: String,
    image: usize,
    function_index: u32,
    offset: Option<u64>,
    is_inlined: bool,
    sources: Vec<Source>,
}

struct Source {
    function: String,
    file: String,
    line: u32,
    column: u32,
}

#[repr(C)]
pub struct tenon_engine_failure_view_t<'a> {
    message: tenon_engine_slice_t<'a>,
    frame_count: usize,
    payload: u64,
    exit_code: i32,
    kind: u8,
    has_payload: bool,
}

#[repr(C)]
pub struct tenon_engine_frame_t<'a> {
    function: tenon_engine_slice_t<'a>,
    module: tenon_engine_slice_t<'a>,
    offset: u64,
    image: usize,
    source_count: usize,
    function_index: u32,
    has_offset: bool,
    is_inlined: bool,
}

#[repr(C)]
pub struct tenon_engine_source_t<'a> {
    function: tenon_engine_slice_t<'a>,
    file: tenon_engine_slice_t<'a>,
    line: u32,
    column: u32,
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_failure_new(
    error: Box<wasmtime_error_t>,
) -> Box<tenon_engine_failure_t> {
    let error = Error::from(*error);
    Box::new(
        guard(|| describe(&error)).unwrap_or_else(|panic| tenon_engine_failure_t {
            kind: TENON_ENGINE_FAILURE_PANIC,
            exit_code: 0,
            message: panic,
            frames: Vec::new(),
            payload: None,
        }),
    )
}

fn describe(error: &Error) -> tenon_engine_failure_t {
    let backtrace = error.downcast_ref::<WasmBacktrace>();
    let exit = error.downcast_ref::<I32Exit>();
    let kind = match error.downcast_ref::<Trap>() {
        // A panic is a bug of the engine, even if the error has a backtrace.
        _ if error.is::<Panicked>() => TENON_ENGINE_FAILURE_PANIC,
        _ if exit.is_some() => TENON_ENGINE_FAILURE_EXIT,
        Some(Trap::Interrupt) => TENON_ENGINE_FAILURE_INTERRUPTED,
        Some(Trap::OutOfFuel) => TENON_ENGINE_FAILURE_OUT_OF_FUEL,
        Some(_) => TENON_ENGINE_FAILURE_TRAP,
        // If a guest breaks a rule of the component model, the error has a backtrace but is not a
        // `Trap`.
        None if backtrace.is_some_and(|trace| !trace.frames().is_empty()) => {
            TENON_ENGINE_FAILURE_TRAP
        }
        None => TENON_ENGINE_FAILURE_ERROR,
    };
    tenon_engine_failure_t {
        kind,
        exit_code: exit.map_or(0, |exit| exit.0),
        message: message_of(error, backtrace),
        frames: backtrace.map_or(Vec::new(), |trace| {
            trace.frames().iter().map(Frame::of).collect()
        }),
        payload: error
            .downcast_ref::<HostFailure>()
            .map(|failure| failure.payload),
    }
}

/// The messages of the error and its causes, without the backtrace.
fn message_of(error: &Error, backtrace: Option<&WasmBacktrace>) -> String {
    let trace = backtrace.map(ToString::to_string);
    let layers: Vec<String> = error
        .chain()
        .map(|layer| layer.to_string())
        .filter(|layer| Some(layer) != trace.as_ref())
        .map(|layer| match layer.strip_prefix("wasm trap: ") {
            Some(rest) => rest.to_string(),
            None => layer,
        })
        .collect();
    layers.join(": ")
}

fn demangled(name: Option<&str>) -> String {
    let mut text = String::new();
    if let Some(name) = name {
        // Writing to a string does not fail, but the demangler can give up halfway.
        if wasmtime_environ::demangle_function_name(&mut text, name).is_err() {
            text = name.to_string();
        }
    }
    text
}

/// The lowest position recorded for the frame's function: about its beginning. wasmtime 48 records
/// positions only for a function's own instructions, not for those inlined from another function.
fn begin_of(frame: &FrameInfo) -> Option<usize> {
    let index = frame.func_index();
    let function = frame
        .module()
        .functions()
        .find(|function| function.index.as_u32() == index)?;
    let code = function.offset..function.offset + function.len;
    frame
        .module()
        .address_map()?
        .filter(|(native, _)| code.contains(native))
        .filter_map(|(_, position)| position)
        .min()
        .map(|position| position as usize)
}

/// Whether this is one of the adapter modules that wasmtime 48 generates between components.
/// Offsets in it refer to generated bytes and mean nothing to a user.
fn is_adapter(module: &Module) -> bool {
    module
        .exports()
        .all(|export| export.name().starts_with("adapter"))
        && module.imports().any(|import| import.module() == "callee")
}

impl Frame {
    fn of(frame: &FrameInfo) -> Frame {
        let offset = if is_adapter(frame.module()) {
            None
        } else {
            frame.module_offset().or_else(|| begin_of(frame))
        };
        Frame {
            function: demangled(frame.func_name()),
            module: frame.module().name().unwrap_or("").to_string(),
            image: frame.module().image_range().start as usize,
            function_index: frame.func_index(),
            offset: offset.map(|at| at as u64),
            is_inlined: frame.module_offset().is_none(),
            sources: frame
                .symbols()
                .iter()
                .map(|symbol| Source {
                    function: demangled(symbol.name()),
                    file: symbol.file().unwrap_or("").to_string(),
                    line: symbol.line().unwrap_or(0),
                    column: symbol.column().unwrap_or(0),
                })
                .collect(),
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_failure_get<'a>(
    failure: &'a tenon_engine_failure_t,
    view: &mut tenon_engine_failure_view_t<'a>,
) {
    *view = tenon_engine_failure_view_t {
        message: tenon_engine_slice_t::new(failure.message.as_bytes()),
        frame_count: failure.frames.len(),
        payload: failure.payload.unwrap_or(0),
        exit_code: failure.exit_code,
        kind: failure.kind,
        has_payload: failure.payload.is_some(),
    };
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_failure_frame<'a>(
    failure: &'a tenon_engine_failure_t,
    index: usize,
    view: &mut tenon_engine_frame_t<'a>,
) -> bool {
    let Some(frame) = failure.frames.get(index) else {
        return false;
    };
    *view = tenon_engine_frame_t {
        function: tenon_engine_slice_t::new(frame.function.as_bytes()),
        module: tenon_engine_slice_t::new(frame.module.as_bytes()),
        offset: frame.offset.unwrap_or(0),
        image: frame.image,
        source_count: frame.sources.len(),
        function_index: frame.function_index,
        has_offset: frame.offset.is_some(),
        is_inlined: frame.is_inlined,
    };
    true
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_failure_source<'a>(
    failure: &'a tenon_engine_failure_t,
    frame: usize,
    index: usize,
    view: &mut tenon_engine_source_t<'a>,
) -> bool {
    let Some(source) = failure
        .frames
        .get(frame)
        .and_then(|frame| frame.sources.get(index))
    else {
        return false;
    };
    *view = tenon_engine_source_t {
        function: tenon_engine_slice_t::new(source.function.as_bytes()),
        file: tenon_engine_slice_t::new(source.file.as_bytes()),
        line: source.line,
        column: source.column,
    };
    true
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_failure_delete(_failure: Box<tenon_engine_failure_t>) {}
