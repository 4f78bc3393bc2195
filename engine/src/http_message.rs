//! Messages in the hands of the embedder: requests that it makes, or answers itself, and their responses.
//!
//! A message is a head, fields and a body. The embedder reads a body in parts, or passes it on as it is: to a
//! connection, or to a guest. A body that it writes is the end of a pipe, which holds one part until that is read.
//! Nothing here has a thread. What waits is polled by the embedder, which says how it is to be woken.

use crate::event_loop::lock;
use crate::ffi::*;
use crate::http_respond::{is_own_field, read_fields, tnengine_http_field_t};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Body, Bytes, Frame};
use hyper::http::header::{CONTENT_LENGTH, HOST};
use hyper::http::uri::{self, Authority, PathAndQuery, Scheme};
use hyper::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use std::convert::Infallible;
use std::ffi::c_void;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use wasmtime::{Result, bail, format_err};
use wasmtime_wasi::runtime::with_ambient_tokio_runtime;
use wasmtime_wasi_http::{Error, WasiBody};

pub const TNENGINE_HTTP_WAITS: u8 = 0;
pub const TNENGINE_HTTP_DONE: u8 = 1;
pub const TNENGINE_HTTP_END: u8 = 2;
pub const TNENGINE_HTTP_BROKEN: u8 = 3;

/// The status of a request, in heads.
const NO_STATUS: u16 = 0;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_http_waker_t {
    wake: extern "C" fn(*mut c_void),
    release: extern "C" fn(*mut c_void),
    env: *mut c_void,
}

struct Notifier(tnengine_http_waker_t);

// SAFETY: the header requires functions that can be called on any thread.
unsafe impl Send for Notifier {}
unsafe impl Sync for Notifier {}

impl Wake for Notifier {
    fn wake(self: Arc<Self>) {
        (self.0.wake)(self.0.env);
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        (self.0.release)(self.0.env);
    }
}

/// Polls, with the runtime at hand for timers and files. Takes the waker. Err: a panic.
pub(crate) fn poll_for<T>(
    waker: &tnengine_http_waker_t,
    poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
) -> Result<Poll<T>, String> {
    let waker = Waker::from(Arc::new(Notifier(*waker)));
    guard(|| with_ambient_tokio_runtime(|| poll(&mut Context::from_waker(&waker))))
}

pub(crate) fn empty_body() -> WasiBody {
    Empty::new()
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}

pub(crate) fn full_body(content: &[u8]) -> WasiBody {
    Full::new(Bytes::copy_from_slice(content))
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}

/// A list of fields of the embedder.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_http_list_t {
    add: extern "C" fn(*mut c_void, tnengine_slice_t<'_>, tnengine_slice_t<'_>),
    env: *mut c_void,
}

impl tnengine_http_list_t {
    fn add_all(&self, fields: &HeaderMap) {
        for (name, value) in fields {
            let name = tnengine_slice_t::new(name.as_str().as_bytes());
            (self.add)(self.env, name, tnengine_slice_t::new(value.as_bytes()));
        }
    }
}

/// A body, and what is left of the length that its message declares.
pub struct tnengine_http_body_t {
    inner: WasiBody,
    length: Option<u64>,
}

impl tnengine_http_body_t {
    fn received(inner: WasiBody, fields: &HeaderMap) -> Box<Self> {
        let length = fields.get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        Box::new(Self { inner, length })
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_body_new(
    content: &tnengine_slice_t<'_>,
) -> Box<tnengine_http_body_t> {
    let content = content.bytes();
    Box::new(tnengine_http_body_t {
        inner: full_body(content),
        length: Some(content.len() as u64),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_body_delete(body: Box<tnengine_http_body_t>) {
    let _ = guard(|| drop(body));
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_body_read(
    body: &mut tnengine_http_body_t,
    waker: &tnengine_http_waker_t,
    part: &mut tnengine_bytes_t,
    trailers: &tnengine_http_list_t,
) -> u8 {
    let read = poll_for(waker, |cx| {
        loop {
            let Poll::Ready(frame) = Pin::new(&mut body.inner).poll_frame(cx) else {
                return Poll::Pending;
            };
            return Poll::Ready(match frame {
                None => TNENGINE_HTTP_END,
                Some(Err(error)) => {
                    part.set(error.to_string().into_bytes());
                    TNENGINE_HTTP_BROKEN
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if data.is_empty() => continue,
                    Ok(data) => {
                        let left = body.length.map(|left| left.checked_sub(data.len() as u64));
                        body.length = left.flatten();
                        part.set(data.into());
                        TNENGINE_HTTP_DONE
                    }
                    Err(frame) => {
                        if let Ok(fields) = frame.into_trailers() {
                            trailers.add_all(&fields);
                        }
                        TNENGINE_HTTP_END
                    }
                },
            });
        }
    });
    match read {
        Ok(Poll::Pending) => TNENGINE_HTTP_WAITS,
        Ok(Poll::Ready(outcome)) => outcome,
        Err(panic) => {
            part.set(panic.into_bytes());
            TNENGINE_HTTP_BROKEN
        }
    }
}

enum PipeEnd {
    Complete(Option<HeaderMap>),
    Broken,
}

#[derive(Default)]
struct PipeState {
    part: Option<Bytes>,
    end: Option<PipeEnd>,
    /// Nobody reads any more.
    is_left: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

type Pipe = Arc<Mutex<PipeState>>;

/// Changes a pipe, and then wakes the waker that `waiting` selects.
fn change<T>(
    pipe: &Pipe,
    waiting: impl FnOnce(&mut PipeState) -> &mut Option<Waker>,
    change: impl FnOnce(&mut PipeState) -> T,
) -> T {
    let (changed, waker) = {
        let mut state = lock(pipe);
        let changed = change(&mut state);
        (changed, waiting(&mut state).take())
    };
    if let Some(waker) = waker {
        waker.wake();
    }
    changed
}

/// The end that is written. If it is deleted before its end was written, its reader gets an error.
pub struct tnengine_http_pipe_t(Pipe);

impl tnengine_http_pipe_t {
    fn end(&self, end: PipeEnd) {
        change(
            &self.0,
            |state| &mut state.reader,
            |state| {
                state.end.get_or_insert(end);
            },
        );
    }
}

impl Drop for tnengine_http_pipe_t {
    fn drop(&mut self) {
        self.end(PipeEnd::Broken);
    }
}

struct PipeBody(Pipe);

impl Body for PipeBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        change(
            &self.0,
            |state| &mut state.writer,
            |state| {
                if let Some(part) = state.part.take() {
                    return Poll::Ready(Some(Ok(Frame::data(part))));
                }
                match &mut state.end {
                    None => {
                        state.reader = Some(cx.waker().clone());
                        Poll::Pending
                    }
                    Some(PipeEnd::Complete(trailers)) => {
                        Poll::Ready(trailers.take().map(|fields| Ok(Frame::trailers(fields))))
                    }
                    Some(PipeEnd::Broken) => {
                        state.end = Some(PipeEnd::Complete(None));
                        Poll::Ready(Some(Err(Error::ConnectionTerminated)))
                    }
                }
            },
        )
    }
}

impl Drop for PipeBody {
    fn drop(&mut self) {
        change(
            &self.0,
            |state| &mut state.writer,
            |state| state.is_left = true,
        );
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_pipe_new(
    body: &mut Option<Box<tnengine_http_body_t>>,
) -> Box<tnengine_http_pipe_t> {
    let pipe = Pipe::default();
    *body = Some(Box::new(tnengine_http_body_t {
        inner: PipeBody(pipe.clone()).boxed_unsync(),
        length: None,
    }));
    Box::new(tnengine_http_pipe_t(pipe))
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_pipe_write(
    pipe: &tnengine_http_pipe_t,
    part: &tnengine_slice_t<'_>,
    waker: &tnengine_http_waker_t,
) -> u8 {
    let written = poll_for(waker, |cx| {
        change(
            &pipe.0,
            |state| &mut state.reader,
            |state| {
                if state.is_left || state.end.is_some() {
                    return Poll::Ready(TNENGINE_HTTP_END);
                }
                if state.part.is_some() {
                    state.writer = Some(cx.waker().clone());
                    return Poll::Pending;
                }
                state.part = Some(Bytes::copy_from_slice(part.bytes()));
                Poll::Ready(TNENGINE_HTTP_DONE)
            },
        )
    });
    match written {
        Ok(Poll::Pending) => TNENGINE_HTTP_WAITS,
        Ok(Poll::Ready(outcome)) => outcome,
        Err(_) => TNENGINE_HTTP_END,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tnengine_http_pipe_end(
    pipe: &tnengine_http_pipe_t,
    trailers: *const tnengine_http_field_t<'_>,
    count: usize,
) -> Failed {
    guard_error(|| {
        // SAFETY: the header requires `count` fields.
        let mut fields = unsafe { read_fields(trailers, count) }?;
        drop_own_fields(&mut fields);
        pipe.end(PipeEnd::Complete((!fields.is_empty()).then_some(fields)));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_pipe_delete(pipe: Box<tnengine_http_pipe_t>) {
    let _ = guard(|| drop(pipe));
}

/// Drops fields that say how a connection passes the message. Whoever passes it on writes them.
fn drop_own_fields(fields: &mut HeaderMap) {
    let own = fields.keys().filter(|name| is_own_field(name)).cloned();
    for name in own.collect::<Vec<_>>() {
        fields.remove(name);
    }
}

/// A response that tells nothing but its status, because there is no other.
#[derive(Clone)]
pub(crate) struct Refusal;

#[repr(C)]
pub struct tnengine_http_head_t<'a> {
    method: tnengine_slice_t<'a>,
    target: tnengine_slice_t<'a>,
    authority: tnengine_slice_t<'a>,
    fields: *const tnengine_http_field_t<'a>,
    field_count: usize,
    status: u16,
    is_https: bool,
    is_refusal: bool,
}

enum Head {
    Request(Method, Uri),
    Response(StatusCode),
}

/// A request or a response.
pub struct tnengine_http_message_t {
    head: Head,
    fields: HeaderMap,
    body: Option<Box<tnengine_http_body_t>>,
    is_refusal: bool,
}

fn parse_head(given: &tnengine_http_head_t<'_>) -> Result<Head> {
    if given.status != NO_STATUS {
        let status = StatusCode::from_u16(given.status)
            .map_err(|_| format_err!("the status {} is not valid", given.status))?;
        if status.is_informational() {
            bail!("the status of a response is 200 or more");
        }
        return Ok(Head::Response(status));
    }
    let method = Method::from_bytes(given.method.bytes())
        .map_err(|_| format_err!("the method is not valid"))?;
    let target = given.target.bytes();
    if !target.starts_with(b"/") && target != b"*" {
        bail!("the target is a path with a query, and begins with `/`");
    }
    let mut parts = uri::Parts::default();
    parts.scheme = Some(match given.is_https {
        true => Scheme::HTTPS,
        false => Scheme::HTTP,
    });
    let authority = Authority::try_from(given.authority.bytes())
        .map_err(|_| format_err!("the authority is not HOST or HOST:PORT"))?;
    if authority.as_str().contains('@') {
        bail!("the authority has a user");
    }
    parts.authority = Some(authority);
    let path =
        PathAndQuery::try_from(target).map_err(|_| format_err!("the target is not valid"))?;
    parts.path_and_query = Some(path);
    Ok(Head::Request(method, Uri::from_parts(parts)?))
}

impl tnengine_http_message_t {
    pub(crate) fn of_request(request: Request<WasiBody>) -> Box<Self> {
        let (parts, body) = request.into_parts();
        let body = tnengine_http_body_t::received(body, &parts.headers);
        Box::new(Self {
            head: Head::Request(parts.method, parts.uri),
            fields: parts.headers,
            body: Some(body),
            is_refusal: false,
        })
    }

    pub(crate) fn of_response(response: Response<WasiBody>) -> Box<Self> {
        let (parts, body) = response.into_parts();
        let body = tnengine_http_body_t::received(body, &parts.headers);
        Box::new(Self {
            head: Head::Response(parts.status),
            fields: parts.headers,
            body: Some(body),
            is_refusal: parts.extensions.get::<Refusal>().is_some(),
        })
    }

    fn take_body(&mut self) -> WasiBody {
        let Some(body) = self.body.take() else {
            return empty_body();
        };
        if let Some(length) = body.length {
            self.fields
                .insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        body.inner
    }

    pub(crate) fn into_request(mut self) -> Result<Request<WasiBody>> {
        self.fields.remove(HOST);
        let mut request = Request::new(self.take_body());
        let Head::Request(method, uri) = self.head else {
            bail!("a response in place of a request");
        };
        (*request.method_mut(), *request.uri_mut()) = (method, uri);
        *request.headers_mut() = self.fields;
        Ok(request)
    }

    pub(crate) fn into_response(mut self) -> Result<Response<WasiBody>> {
        let Head::Response(status) = self.head else {
            bail!("a request in place of a response");
        };
        if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
            self.body = None;
        }
        let mut response = Response::new(self.take_body());
        *response.status_mut() = status;
        *response.headers_mut() = self.fields;
        Ok(response)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tnengine_http_message_new(
    head: &tnengine_http_head_t<'_>,
    body: Option<Box<tnengine_http_body_t>>,
    message: &mut Option<Box<tnengine_http_message_t>>,
) -> Failed {
    guard_error(|| {
        // SAFETY: the header requires `field_count` fields.
        let mut fields = unsafe { read_fields(head.fields, head.field_count) }?;
        drop_own_fields(&mut fields);
        *message = Some(Box::new(tnengine_http_message_t {
            head: parse_head(head)?,
            fields,
            body,
            is_refusal: false,
        }));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_message_get<'a>(
    message: &'a tnengine_http_message_t,
    head: &mut tnengine_http_head_t<'a>,
    fields: &tnengine_http_list_t,
) {
    let slice = |text: &'a str| tnengine_slice_t::new(text.as_bytes());
    match &message.head {
        Head::Request(method, uri) => {
            head.method = slice(method.as_str());
            head.target = slice(uri.path_and_query().map_or("/", PathAndQuery::as_str));
            head.authority = slice(uri.authority().map_or("", Authority::as_str));
            head.is_https = uri.scheme() == Some(&Scheme::HTTPS);
            head.status = NO_STATUS;
        }
        Head::Response(status) => head.status = status.as_u16(),
    }
    head.is_refusal = message.is_refusal;
    fields.add_all(&message.fields);
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_message_take_body(
    message: &mut tnengine_http_message_t,
) -> Option<Box<tnengine_http_body_t>> {
    mem::take(&mut message.body)
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_message_delete(message: Box<tnengine_http_message_t>) {
    let _ = guard(|| drop(message));
}
