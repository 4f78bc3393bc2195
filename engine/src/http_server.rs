//! HTTP servers: connections, and their requests for whoever answers them.
//!
//! The sockets belong to the runtime of wasmtime-wasi, whose threads also serve the timers and sockets of
//! guests. A request that is valid and within the limits goes to the embedder (`request`), on one of these
//! threads; the response comes back through a channel (`http_answer.rs`). Guests never run here. The bodies are read and
//! written by the guest, in turns of its loop, and by the connection, on its thread: each waits for the
//! other, so neither holds more than a part of a body.

use crate::event_loop::lock;
use crate::ffi::*;
use crate::http_answer::{Answer, plain_response};
use crate::http_limits::{Active, Activity, PatientStream, RequestBody};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use hyper::http::header::{CONNECTION, CONTENT_LENGTH, HOST};
use hyper::http::uri::{self, Authority, PathAndQuery, Scheme};
use hyper::http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::ffi::c_void;
use std::net::SocketAddr;
use std::os::fd::{FromRawFd, OwnedFd};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use wasmtime::Result;
use wasmtime_wasi::runtime::{AbortOnDropJoinHandle, spawn, with_ambient_tokio_runtime};
use wasmtime_wasi_http::WasiBody;

/// How long nothing is accepted when the process has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Requests at once on one connection of HTTP/2.
const MOST_STREAMS: u32 = 64;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_http_limits_t {
    connections: usize,
    requests: usize,
    body_bytes: u64,
    header_bytes: usize,
    idle_ms: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_http_callbacks_t {
    request: extern "C" fn(*mut c_void, Box<tnengine_http_request_t>),
    closed: extern "C" fn(*mut c_void),
    env: *mut c_void,
}

// SAFETY: the header requires callbacks that can be called on any thread.
unsafe impl Send for tnengine_http_callbacks_t {}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Serving,
    /// Connections end when their requests have.
    Draining,
    Closed,
}

struct Shared {
    limits: tnengine_http_limits_t,
    /// None once the server was deleted: connections can outlive it for a moment.
    callbacks: Mutex<Option<tnengine_http_callbacks_t>>,
    connections: Arc<Semaphore>,
    requests: Arc<Semaphore>,
    phase: watch::Sender<Phase>,
    open: AtomicUsize,
    numbers: AtomicU64,
}

impl Shared {
    fn idle(&self) -> Duration {
        Duration::from_millis(self.limits.idle_ms)
    }

    fn call_back(&self, call: impl FnOnce(&tnengine_http_callbacks_t)) {
        if let Some(callbacks) = &*lock(&self.callbacks) {
            call(callbacks);
        }
    }
}

pub struct tnengine_http_server_t {
    shared: Arc<Shared>,
    listeners: Vec<AbortOnDropJoinHandle<()>>,
}

/// What the handler of a request gets.
pub(crate) struct Handling {
    pub(crate) content: Request<WasiBody>,
    pub(crate) response: oneshot::Sender<Result<Response<WasiBody>>>,
}

/// A request that is to be answered.
pub struct tnengine_http_request_t {
    method: Method,
    target: String,
    peer: String,
    number: u64,
    handling: Mutex<Option<Handling>>,
    pub(crate) answer: Arc<Answer>,
    /// Held until whoever answers is done, also if the client does not wait for it.
    _permit: OwnedSemaphorePermit,
}

impl tnengine_http_request_t {
    /// For the handler, once.
    pub(crate) fn take(&self) -> Option<Handling> {
        lock(&self.handling).take()
    }
}

impl Drop for tnengine_http_request_t {
    fn drop(&mut self) {
        self.answer.refuse(StatusCode::INTERNAL_SERVER_ERROR);
    }
}

/// The response to a request that no guest sees. Where its body would end is not certain, so that a
/// connection of HTTP/1 ends with it.
fn refuse(status: StatusCode, version: Version) -> Response<WasiBody> {
    let mut response = plain_response(status);
    if version < Version::HTTP_2 {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

/// The authority of a request, without a user: of its target, or of its only `Host` field.
fn find_authority<B>(request: &Request<B>) -> Option<Authority> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return None;
    }
    let authority = match request.uri().authority() {
        Some(authority) => authority.clone(),
        None => Authority::try_from(host?.as_bytes()).ok()?,
    };
    (!authority.as_str().contains('@')).then_some(authority)
}

/// The target with scheme and authority, whatever form it had in the request.
fn find_uri<B>(request: &Request<B>) -> Option<Uri> {
    let path = request.uri().path_and_query().cloned();
    let mut parts = uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(find_authority(request)?);
    parts.path_and_query = Some(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
    Uri::from_parts(parts).ok()
}

/// Checks what the parser of HTTP leaves to the application. Returns the target.
fn check(request: &Request<Incoming>, limits: &tnengine_http_limits_t) -> Result<Uri, StatusCode> {
    if request.method() == Method::CONNECT {
        return Err(StatusCode::NOT_IMPLEMENTED);
    }
    let uri = find_uri(request).ok_or(StatusCode::BAD_REQUEST)?;
    let declared = request.headers().get(CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limits.body_bytes) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    Ok(uri)
}

/// The content of a request as guests get it.
fn content_of(request: Request<Incoming>, uri: Uri, shared: &Shared) -> Request<WasiBody> {
    let mut request = request
        .map(|body| RequestBody::new(body, shared.limits.body_bytes, shared.idle()).boxed_unsync());
    *request.uri_mut() = uri;
    request
}

async fn answer(
    shared: Arc<Shared>,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Response<WasiBody> {
    let uri = match check(&request, &shared.limits) {
        Ok(uri) => uri,
        Err(status) => return refuse(status, request.version()),
    };
    let Ok(permit) = shared.requests.clone().acquire_owned().await else {
        return plain_response(StatusCode::SERVICE_UNAVAILABLE);
    };
    let (answer, awaited, response) = Answer::new();
    let target = uri.path_and_query();
    let request = Box::new(tnengine_http_request_t {
        method: request.method().clone(),
        target: target.map(PathAndQuery::to_string).unwrap_or_default(),
        peer: peer.to_string(),
        number: shared.numbers.fetch_add(1, Ordering::Relaxed) + 1,
        handling: Mutex::new(Some(Handling {
            content: content_of(request, uri, &shared),
            response,
        })),
        answer,
        _permit: permit,
    });
    shared.call_back(|callbacks| (callbacks.request)(callbacks.env, request));
    awaited.wait().await
}

/// The response, which keeps `active` until its body was sent.
fn keep_active(
    response: Response<WasiBody>,
    active: Active,
) -> Response<impl Body<Data = Bytes, Error = wasmtime_wasi_http::Error>> {
    response.map(|body| {
        body.map_err(move |error| {
            let _ = &active;
            error
        })
    })
}

fn make_builder(limits: &tnengine_http_limits_t) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    let idle = Duration::from_millis(limits.idle_ms);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .max_buf_size(limits.header_bytes);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(idle)
        .keep_alive_timeout(idle)
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX));
    builder
}

/// Waits for a reason to end a connection. Returns whether its requests may finish.
async fn wait_for_end(shared: &Shared, activity: &Activity) -> bool {
    let mut phases = shared.phase.subscribe();
    let idle = pin!(activity.wait_until_idle(shared.idle()));
    let stopped = pin!(phases.wait_for(|phase| *phase != Phase::Serving));
    match select(idle, stopped).await {
        Either::Left(_) => false,
        Either::Right((phase, _)) => phase.is_ok_and(|phase| *phase == Phase::Draining),
    }
}

/// Serves one connection to its end.
async fn serve(shared: Arc<Shared>, stream: TcpStream, peer: SocketAddr) {
    let activity = Activity::new();
    let service = service_fn(|request| {
        let active = activity.begin();
        let answered = answer(shared.clone(), peer, request);
        async move { Ok::<_, Infallible>(keep_active(answered.await, active)) }
    });
    let builder = make_builder(&shared.limits);
    let stream = PatientStream::new(stream, shared.idle());
    let mut connection = pin!(builder.serve_connection(stream, service));
    let reason = pin!(wait_for_end(&shared, &activity));
    // An error of the connection ends it; the guests notice it by their bodies.
    let is_draining = match select(connection.as_mut(), reason).await {
        Either::Left(_) => false,
        Either::Right((is_draining, _)) => is_draining,
    };
    if is_draining {
        connection.as_mut().graceful_shutdown();
        let mut phases = shared.phase.subscribe();
        let closed = pin!(phases.wait_for(|phase| *phase == Phase::Closed));
        let _ = select(connection, closed).await;
    }
}

/// Ends the count of a connection.
struct Open {
    shared: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
}

impl Open {
    fn new(shared: &Arc<Shared>, permit: OwnedSemaphorePermit) -> Self {
        shared.open.fetch_add(1, Ordering::Relaxed);
        Self {
            shared: shared.clone(),
            _permit: permit,
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.open.fetch_sub(1, Ordering::Relaxed);
        self.shared
            .call_back(|callbacks| (callbacks.closed)(callbacks.env));
    }
}

/// Accepts connections until the server drains.
async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    loop {
        let Ok(permit) = shared.connections.clone().acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, peer)) => {
                // The parts of an answer are written as they come.
                let _ = stream.set_nodelay(true);
                let open = Open::new(&shared, permit);
                let served = serve(shared.clone(), stream, peer);
                tokio::spawn(async move {
                    let _open = open;
                    served.await;
                });
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_server_new(
    limits: &tnengine_http_limits_t,
    callbacks: &tnengine_http_callbacks_t,
) -> Box<tnengine_http_server_t> {
    Box::new(tnengine_http_server_t {
        shared: Arc::new(Shared {
            limits: *limits,
            callbacks: Mutex::new(Some(*callbacks)),
            connections: Arc::new(Semaphore::new(limits.connections)),
            requests: Arc::new(Semaphore::new(limits.requests)),
            phase: watch::Sender::new(Phase::Serving),
            open: AtomicUsize::new(0),
            numbers: AtomicU64::new(0),
        }),
        listeners: Vec::new(),
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tnengine_http_server_listen(
    server: &mut tnengine_http_server_t,
    socket: i32,
) -> Failed {
    // SAFETY: the header requires a socket of the caller's, which it gives away.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    guard_error(|| {
        let listener = std::net::TcpListener::from(socket);
        listener.set_nonblocking(true)?;
        let listener = with_ambient_tokio_runtime(|| TcpListener::from_std(listener))?;
        server
            .listeners
            .push(spawn(accept(server.shared.clone(), listener)));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_server_drain(server: &mut tnengine_http_server_t) {
    let _ = guard(|| {
        server.listeners.clear();
        server.shared.phase.send_replace(Phase::Draining);
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_server_connections(server: &tnengine_http_server_t) -> usize {
    server.shared.open.load(Ordering::Relaxed)
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_server_delete(server: Box<tnengine_http_server_t>) {
    *lock(&server.shared.callbacks) = None;
    let _ = guard(|| {
        server.shared.phase.send_replace(Phase::Closed);
        drop(server);
    });
}

#[repr(C)]
pub struct tnengine_http_request_view_t<'a> {
    method: tnengine_slice_t<'a>,
    target: tnengine_slice_t<'a>,
    peer: tnengine_slice_t<'a>,
    number: u64,
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_request_get<'a>(
    request: &'a tnengine_http_request_t,
    view: &mut tnengine_http_request_view_t<'a>,
) {
    *view = tnengine_http_request_view_t {
        method: tnengine_slice_t::new(request.method.as_str().as_bytes()),
        target: tnengine_slice_t::new(request.target.as_bytes()),
        peer: tnengine_slice_t::new(request.peer.as_bytes()),
        number: request.number,
    };
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_request_refuse(request: &tnengine_http_request_t, status: u16) {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // After a panic, the request is answered when it is deleted.
    let _ = guard(|| request.answer.refuse(status));
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_request_delete(request: Box<tnengine_http_request_t>) {
    let _ = guard(|| drop(request));
}
