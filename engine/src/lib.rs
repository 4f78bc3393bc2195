//! The engine of tenon: wasmtime's C API, and what that API lacks.
//!
//! One function, one missing call. Nothing here has state or chooses for its caller. Ownership is in
//! the signatures: `&T` borrows, `Box<T>` takes or gives, `Option<Box<..>>` is a failure. Every
//! entry catches panics (`ffi::guard`), because a panic must not unwind into C++. The C side is
//! `include/tenon_engine.h`; a test compares the two.

#![allow(non_camel_case_types)]
// Documented in the header: pointers are valid for the call, and slices hold what they say.
#![allow(clippy::missing_safety_doc)]

pub use wasmtime_c_api::*;

mod config;
mod denials;
mod drive;
mod failure;
mod ffi;
mod limits;
mod raw;
mod raw_door;
mod raw_export;
mod raw_flat;
mod raw_handle;
mod raw_import;
mod raw_resource;
mod raw_result;
mod run;
mod spare;
mod validate;
mod wasi;
mod wat;
mod wit;

pub use config::*;
pub use denials::*;
pub use failure::*;
pub use ffi::*;
pub use limits::*;
pub use raw::*;
pub use raw_export::*;
pub use raw_import::*;
pub use raw_resource::*;
pub use raw_result::*;
pub use run::*;
pub use validate::*;
pub use wasi::*;
pub use wat::*;
pub use wit::*;
