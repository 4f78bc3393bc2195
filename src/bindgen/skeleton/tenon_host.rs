//! The ABI of host bundles, version 1, in Rust: `tenon_host.h` with `#[repr(C)]`. That header is the
//! contract. `guarded` turns a panic into a trap, because unwinding must not leave a library.
#![allow(dead_code)]

use std::ffi::{c_char, c_int, c_void, CString};
use std::panic::{catch_unwind, AssertUnwindSafe};

pub const ABI_MAJOR: u16 = 1;
pub const ABI_MINOR: u16 = 1;

/// The kind of a value, which decides the member of `Of` that is set.
pub mod kind {
    pub const BOOL: u8 = 1;
    pub const S8: u8 = 2;
    pub const U8: u8 = 3;
    pub const S16: u8 = 4;
    pub const U16: u8 = 5;
    pub const S32: u8 = 6;
    pub const U32: u8 = 7;
    pub const S64: u8 = 8;
    pub const U64: u8 = 9;
    pub const F32: u8 = 10;
    pub const F64: u8 = 11;
    pub const CHAR: u8 = 12;
    pub const STRING: u8 = 13;
    pub const LIST: u8 = 14;
    pub const PACKED: u8 = 15;
    pub const RECORD: u8 = 16;
    pub const TUPLE: u8 = 17;
    pub const MAP: u8 = 18;
    pub const VARIANT: u8 = 19;
    pub const ENUM: u8 = 20;
    pub const OPTION: u8 = 21;
    pub const RESULT: u8 = 22;
    pub const FLAGS: u8 = 23;
    pub const OWN: u8 = 24;
    pub const BORROW: u8 = 25;
    pub const STREAM: u8 = 26;
    pub const FUTURE: u8 = 27;
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    pub ptr: *const c_char,
    pub len: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Packed {
    pub ptr: *const c_void,
    pub len: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Items {
    pub ptr: *mut Value,
    pub len: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub union Of {
    pub u: u64,
    pub s: i64,
    pub f32: f32,
    pub f64: f64,
    pub str: Text,
    pub packed: Packed,
    pub items: Items,
    pub payload: *mut Value,
    pub rep: *mut c_void,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Value {
    pub kind: u8,
    pub elem: u8,
    pub reserved: u16,
    pub index: u32,
    pub of: Of,
}

/// One call. Opaque: only pointers to it are passed.
#[repr(C)]
pub struct Call {
    _private: [u8; 0],
}

/// The configuration of an instance. Opaque: only pointers to it are passed.
#[repr(C)]
pub struct Config {
    _private: [u8; 0],
}

/// A call that ends after its function has returned, by its number.
pub type Completion = u64;
/// An end of a stream or future, by its number.
pub type Stream = u64;
/// The end of an operation. state: 0 open, 1 closed, 2 failed.
pub type StreamDone =
    unsafe extern "C" fn(data: *mut c_void, items: *const Value, count: usize, state: i32);

#[repr(C)]
pub struct Api {
    pub size: usize,
    pub alloc: unsafe extern "C" fn(call: *mut Call, size: usize, align: usize) -> *mut c_void,
    pub trap: unsafe extern "C" fn(call: *mut Call, format: *const c_char, ...) -> i32,
    pub should_stop: unsafe extern "C" fn(call: *mut Call) -> c_int,
    pub log: unsafe extern "C" fn(level: c_int, target: *const c_char, text: *const c_char),
    pub config_get:
        unsafe extern "C" fn(config: *const Config, dotted_key: *const c_char) -> *const c_char,
    pub defer: unsafe extern "C" fn(
        call: *mut Call,
        cancel: Option<unsafe extern "C" fn(own: *mut c_void, completion: Completion)>,
    ) -> Completion,
    pub complete: unsafe extern "C" fn(completion: Completion, result: *const Value) -> i32,
    pub fail: unsafe extern "C" fn(completion: Completion, format: *const c_char, ...) -> i32,
    pub stream_new: unsafe extern "C" fn() -> Stream,
    pub stream_read:
        unsafe extern "C" fn(stream: Stream, most: usize, done: StreamDone, data: *mut c_void) -> i32,
    pub stream_write: unsafe extern "C" fn(
        stream: Stream,
        items: *const Value,
        done: StreamDone,
        data: *mut c_void,
    ) -> i32,
    pub stream_close: unsafe extern "C" fn(stream: Stream),
}

pub type Function = unsafe extern "C" fn(
    own: *mut c_void,
    call: *mut Call,
    args: *const Value,
    nargs: usize,
    result: *mut Value,
) -> i32;

pub const MAY_BLOCK: u32 = 1;
pub const PURE: u32 = 2;

#[repr(C)]
pub struct FunctionEntry {
    pub interface: *const c_char,
    pub name: *const c_char,
    pub function: Function,
    pub signature: u64,
    pub flags: u32,
}

#[repr(C)]
pub struct ResourceEntry {
    pub interface: *const c_char,
    pub name: *const c_char,
    pub drop: unsafe extern "C" fn(own: *mut c_void, rep: *mut c_void),
}

pub const SERIAL_LIBRARY: u32 = 0;
pub const SERIAL_INSTANCE: u32 = 1;
pub const CONCURRENT: u32 = 2;

#[repr(C)]
pub struct Module {
    pub size: usize,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub threading: u32,
    pub name: *const c_char,
    pub version: *const c_char,
    pub create: Option<
        unsafe extern "C" fn(
            api: *const Api,
            config: *const Config,
            call: *mut Call,
            own: *mut *mut c_void,
        ) -> i32,
    >,
    pub destroy: Option<unsafe extern "C" fn(own: *mut c_void)>,
    pub functions: *const FunctionEntry,
    pub function_count: usize,
    pub resources: *const ResourceEntry,
    pub resource_count: usize,
}

// Static tables: they never change.
unsafe impl Sync for FunctionEntry {}
unsafe impl Sync for ResourceEntry {}
unsafe impl Sync for Module {}

/// Ends the call with a message. Return its result from the function.
///
/// # Safety
/// `api` and `call` must be those of the current call.
pub unsafe fn trap(api: *const Api, call: *mut Call, text: &str) -> i32 {
    let text = CString::new(text.replace('\0', " ")).unwrap_or_default();
    ((*api).trap)(call, c"%s".as_ptr(), text.as_ptr())
}

/// Runs a function's body. An error or a panic becomes a trap.
///
/// # Safety
/// As for `trap`.
pub unsafe fn guarded(
    api: *const Api,
    call: *mut Call,
    body: impl FnOnce() -> Result<(), String>,
) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => 0,
        Ok(Err(text)) => trap(api, call, &text),
        Err(panic) => {
            let text = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_string())
                .or_else(|| panic.downcast_ref::<String>().cloned());
            trap(api, call, &text.unwrap_or_else(|| "it panicked".to_string()))
        }
    }
}
