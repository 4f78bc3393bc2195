//! The engine of tenon: wasmtime's C API, and the calls that this API lacks.
//!
//! Each function adds one missing call. The crate has no policy: the caller makes every choice. The
//! signatures state ownership: `&T` borrows, `Box<T>` takes or gives, `Option<Box<..>>` is a
//! failure. Every entry catches panics (`ffi::guard`), because a panic must not unwind into C++.
//! The C headers are in `include`; a test compares them with these sources.
//!
//! Most of the crate implements raw calls, in which C++ lifts and lowers the values. Start with
//! `raw.rs`.

#![allow(non_camel_case_types)]
// The C header documents the requirements: pointers are valid for the call, slices for their size.
#![allow(clippy::missing_safety_doc)]

pub use wasmtime_c_api::*;

mod async_import;
mod binary;
mod box_pool;
mod compile;
mod config;
mod denials;
mod digest;
mod drive;
mod event_loop;
mod failure;
mod ffi;
mod http_ahead;
mod http_answer;
mod http_body;
mod http_call;
mod http_client;
mod http_error;
mod http_exchange;
mod http_handle;
mod http_limits;
mod http_message;
mod http_program;
mod http_proxy;
mod http_received;
mod http_respond;
mod http_send;
mod http_server;
mod http_socket;
mod http_turnstile;
mod http_wasi;
mod limits;
mod loop_call;
mod output_label;
mod raw;
mod raw_export;
mod raw_flat;
mod raw_handle;
mod raw_import;
mod raw_lift;
mod raw_resource;
mod raw_result;
mod run;
mod stack;
mod stream;
mod stream_items;
mod stream_polls;
mod tls;
mod wasi;
mod wasi_handle;
mod wasi_stream;
mod wasi_timer;
mod wit;
mod wit_gates;
mod wit_names;
mod wit_problem;
mod wit_source;

pub use async_import::*;
pub use binary::*;
pub use compile::*;
pub use config::*;
pub use denials::*;
pub use event_loop::*;
pub use failure::*;
pub use ffi::*;
pub use http_call::*;
pub use http_client::*;
pub use http_exchange::*;
pub use http_respond::*;
pub use http_server::*;
pub use http_wasi::*;
pub use limits::*;
pub use loop_call::*;
pub use output_label::*;
pub use raw::*;
pub use raw_export::*;
pub use raw_import::*;
pub use raw_resource::*;
pub use raw_result::*;
pub use run::*;
pub use stack::*;
pub use stream::*;
pub use tls::*;
pub use wasi::*;
pub use wasi_handle::*;
pub use wit::*;
