//! The types that cross the C interface: borrowed and owned bytes, problems with a position, and
//! errors that include caught panics.

use std::any::Any;
use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use wasmtime::{Error, format_err};
use wasmtime_c_api::wasmtime_error_t;

pub(crate) type Failed = Option<Box<wasmtime_error_t>>;
pub(crate) type Refused = Option<Box<tnengine_problem_t>>;

/// A list of the caller's. The pointer can be anything if the list is empty.
///
/// # Safety
/// `items` must point to `count` items that outlive `'a`.
pub(crate) unsafe fn list_of<'a, T>(items: *const T, count: usize) -> &'a [T] {
    match count {
        0 => &[],
        // SAFETY: as for the function.
        _ => unsafe { std::slice::from_raw_parts(items, count) },
    }
}

/// Borrowed bytes, valid for the call or as long as their owner exists.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_slice_t<'a> {
    data: *const u8,
    size: usize,
    life: PhantomData<&'a [u8]>,
}

impl<'a> tnengine_slice_t<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            data: bytes.as_ptr(),
            size: bytes.len(),
            life: PhantomData,
        }
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        // SAFETY: the header requires `size` readable bytes for the lifetime of the slice.
        unsafe { list_of(self.data, self.size) }
    }

    pub(crate) fn text(&self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.bytes()).map_err(|_| format_err!("the text is not UTF-8"))
    }
}

/// Bytes that the caller owns and frees by `tnengine_bytes_delete`.
#[repr(C)]
pub struct tnengine_bytes_t {
    data: *mut u8,
    size: usize,
    capacity: usize,
}

impl tnengine_bytes_t {
    pub(crate) fn set(&mut self, bytes: Vec<u8>) {
        let mut bytes = std::mem::ManuallyDrop::new(bytes);
        self.data = bytes.as_mut_ptr();
        self.size = bytes.len();
        self.capacity = bytes.capacity();
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_bytes_delete(bytes: &mut tnengine_bytes_t) {
    if !bytes.data.is_null() {
        // SAFETY: `set` took all three from one vector, and they are reset below.
        drop(unsafe { Vec::from_raw_parts(bytes.data, bytes.size, bytes.capacity) });
    }
    bytes.data = std::ptr::null_mut();
    bytes.size = 0;
    bytes.capacity = 0;
}

/// The cause of a problem.
#[derive(Clone, Copy, Default)]
#[repr(u8)]
pub(crate) enum Cause {
    #[default]
    Input = 0,
    /// The input is valid but uses a feature that this engine does not enable.
    SwitchedOff = 1,
    /// A bug: the engine panicked.
    Panic = 2,
}

/// The reason why text or bytes were refused, and the position.
#[derive(Default)]
pub struct tnengine_problem_t {
    pub(crate) cause: Cause,
    pub(crate) message: String,
    pub(crate) file: String,
    pub(crate) excerpt: String,
    pub(crate) note: String,
    pub(crate) hint: String,
    pub(crate) offset: Option<u64>,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl tnengine_problem_t {
    pub(crate) fn new(message: impl ToString) -> Self {
        Self {
            message: message.to_string(),
            ..Self::default()
        }
    }
}

#[repr(C)]
pub struct tnengine_problem_view_t<'a> {
    message: tnengine_slice_t<'a>,
    file: tnengine_slice_t<'a>,
    excerpt: tnengine_slice_t<'a>,
    note: tnengine_slice_t<'a>,
    hint: tnengine_slice_t<'a>,
    offset: u64,
    has_offset: bool,
    line: u32,
    column: u32,
    cause: u8,
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_problem_get<'a>(
    problem: &'a tnengine_problem_t,
    view: &mut tnengine_problem_view_t<'a>,
) {
    *view = tnengine_problem_view_t {
        message: tnengine_slice_t::new(problem.message.as_bytes()),
        file: tnengine_slice_t::new(problem.file.as_bytes()),
        excerpt: tnengine_slice_t::new(problem.excerpt.as_bytes()),
        note: tnengine_slice_t::new(problem.note.as_bytes()),
        hint: tnengine_slice_t::new(problem.hint.as_bytes()),
        offset: problem.offset.unwrap_or(0),
        has_offset: problem.offset.is_some(),
        line: problem.line,
        column: problem.column,
        cause: problem.cause as u8,
    };
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_problem_delete(_problem: Box<tnengine_problem_t>) {}

/// Converts a byte range of `text` to a 1-based line and column (in characters), and an excerpt:
/// the line, and below it a caret and dashes that mark the range.
pub(crate) fn locate(text: &str, start: usize, end: usize) -> (u32, u32, String) {
    let start = floor_boundary(text, start);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let number = text[..line_start].matches('\n').count() + 1;
    let before = &text[line_start..start];
    let line = text[line_start..line_end].trim_end_matches('\r');
    let marked = floor_boundary(text, end.clamp(start, line_end));
    let width = text[start..marked].chars().count().max(1);
    // Tabs stay tabs, so that the caret is aligned with its character.
    let pad: String = before
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let excerpt = format!("{line}\n{pad}^{}", "-".repeat(width - 1));
    let column = before.chars().count() + 1;
    (number as u32, column as u32, excerpt)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `body` and converts a panic into its message. Panics that are caught here are not
/// printed; others are, as before.
pub(crate) fn guard<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let default_hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                default_hook(info)
            }
        }));
    });
    let outer = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(body));
    GUARDED.set(outer);
    result.map_err(|payload| describe_panic(panic_text(&*payload)))
}

/// How tokio and the standard library begin the message of a panic if the system refuses another thread.
const NO_THREAD: [&str; 2] = ["OS can't spawn worker thread: ", "failed to spawn thread: "];
const NO_THREAD_TEXT: &str = "a thread cannot be started: ";

fn describe_panic(text: &str) -> String {
    let reason = NO_THREAD
        .iter()
        .find_map(|begin| Some(text.split_once(*begin)?.1));
    match reason {
        Some(reason) => format!("{NO_THREAD_TEXT}{reason}"),
        None => format!("the engine panicked: {text}"),
    }
}

/// The error for what `guard` caught.
pub(crate) fn error_of_panic(text: String) -> Error {
    if text.starts_with(NO_THREAD_TEXT) {
        Error::msg(text)
    } else {
        Error::new(Panicked(text))
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "no message"
    }
}

/// An error for a panic of the engine: a bug, after which the state of the store is unknown.
#[derive(Debug)]
pub(crate) struct Panicked(pub(crate) String);

impl std::fmt::Display for Panicked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Panicked {}

pub(crate) fn guard_error(body: impl FnOnce() -> Result<(), Error>) -> Failed {
    match guard(body) {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(Box::new(error.into())),
        Err(panic) => Some(Box::new(error_of_panic(panic).into())),
    }
}

pub(crate) fn guard_problem(body: impl FnOnce() -> Result<(), tnengine_problem_t>) -> Refused {
    match guard(body) {
        Ok(Ok(())) => None,
        Ok(Err(problem)) => Some(Box::new(problem)),
        Err(panic) => Some(Box::new(tnengine_problem_t {
            cause: Cause::Panic,
            ..tnengine_problem_t::new(panic)
        })),
    }
}
