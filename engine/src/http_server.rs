//! HTTP servers: connections, and their requests for whoever answers them.
//!
//! The sockets have threads of their own, few of them: each hand-over between threads takes longer than parsing a
//! request, and the timers and sockets of guests are served by the runtime of wasmtime-wasi. A request that is valid
//! and within the limits goes to the embedder, on one of these threads: first to choose its queue, or to answer it
//! (`route`), and then to handle it (`request`), when its client has a turn (`http_turnstile.rs`). The response comes
//! back through a channel (`http_answer.rs`). Guests never run here. The bodies are read and written by the guest, in
//! turns of its loop, and by the connection, on its thread: each waits for the other, so neither holds more than a few
//! parts of a body (`http_ahead.rs`). When both are done with a request, that is reported (`http_exchange.rs`).

use crate::event_loop::lock;
use crate::ffi::*;
use crate::http_ahead::ReadAhead;
use crate::http_answer::{Answer, Awaited, plain_response};
use crate::http_exchange::{Exchange, ReportedBody, RequestHead, tnengine_http_report_t};
use crate::http_limits::{Active, Activity, PatientStream, ReceiveError, RequestBody};
use crate::http_received::Received;
use crate::http_respond::without_body;
use crate::http_socket::{Client, Listener, Peer, Plain, Socket};
use crate::http_turnstile::{Permit, Turnstile};
use crate::tls::tnengine_tls_t;
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use hyper::http::header::{CONNECTION, CONTENT_LENGTH, HOST, RETRY_AFTER, UPGRADE};
use hyper::http::uri::{self, Authority, PathAndQuery, Scheme};
use hyper::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::ffi::c_void;
use std::os::fd::{FromRawFd, OwnedFd};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::{self, Handle, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use wasmtime::Result;
use wasmtime_wasi::runtime::AbortOnDropJoinHandle;
use wasmtime_wasi_http::WasiBody;

/// How long nothing is accepted when the process has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a client may take to agree on the keys of TLS.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// Processors for each thread that serves sockets.
const PROCESSORS_PER_THREAD: usize = 4;

/// Requests at once on one connection of HTTP/2.
const MOST_STREAMS: u32 = 64;

/// The threads that serve sockets. If they cannot be started, it panics, and the next call tries again.
fn sockets() -> &'static Runtime {
    static SOCKETS: OnceLock<Runtime> = OnceLock::new();
    SOCKETS.get_or_init(|| {
        let threads = available_parallelism().map_or(1, |processors| {
            processors.get().div_ceil(PROCESSORS_PER_THREAD)
        });
        let mut builder = runtime::Builder::new_multi_thread();
        builder
            .worker_threads(threads)
            .thread_name("tenon-http")
            .enable_all();
        builder.build().expect("a runtime for HTTP")
    })
}

/// It panics if there are more permits than it can count.
pub(crate) fn semaphore(permits: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)))
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_http_limits_t {
    connections: usize,
    body_bytes: u64,
    header_bytes: usize,
    header_ms: u64,
    idle_ms: u64,
    keeps_half_closed: bool,
}

#[repr(C)]
pub struct tnengine_http_queue_t {
    requests: usize,
    client_requests: usize,
    client_waiting: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_http_callbacks_t {
    route: extern "C" fn(*mut c_void, &tnengine_http_request_t) -> usize,
    request: extern "C" fn(*mut c_void, Box<tnengine_http_request_t>),
    done: extern "C" fn(*mut c_void, &tnengine_http_report_t<'_>),
    closed: extern "C" fn(*mut c_void),
    refused: extern "C" fn(*mut c_void, tnengine_slice_t<'_>, tnengine_slice_t<'_>),
    env: *mut c_void,
}

// SAFETY: the header requires callbacks that can be called on any thread, also at the same time.
unsafe impl Send for tnengine_http_callbacks_t {}
unsafe impl Sync for tnengine_http_callbacks_t {}

impl tnengine_http_callbacks_t {
    pub(crate) fn report(&self, report: &tnengine_http_report_t<'_>) {
        (self.done)(self.env, report);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Serving,
    /// Connections end when their requests have.
    Draining,
    Closed,
}

pub(crate) struct Shared {
    limits: tnengine_http_limits_t,
    /// None once the server was deleted: connections can outlive it for a moment.
    callbacks: RwLock<Option<tnengine_http_callbacks_t>>,
    connections: Arc<Semaphore>,
    queues: Vec<Arc<Turnstile>>,
    phase: watch::Sender<Phase>,
    open: AtomicUsize,
    numbers: AtomicU64,
}

impl Shared {
    fn idle(&self) -> Duration {
        Duration::from_millis(self.limits.idle_ms)
    }

    fn header_time(&self) -> Duration {
        Duration::from_millis(self.limits.header_ms)
    }

    pub(crate) fn call_back(&self, call: impl FnOnce(&tnengine_http_callbacks_t)) {
        let callbacks = self.callbacks.read();
        if let Some(callbacks) = &*callbacks.unwrap_or_else(PoisonError::into_inner) {
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
    pub(crate) head: Arc<RequestHead>,
    handling: Mutex<Option<Handling>>,
    pub(crate) answer: Arc<Answer>,
    /// Of its queue. Held until whoever answers is done, also if the client does not wait for it, and until a file
    /// that answers is closed.
    permit: Mutex<Option<Permit>>,
}

impl tnengine_http_request_t {
    /// For the handler, once.
    pub(crate) fn take(&self) -> Option<Handling> {
        lock(&self.handling).take()
    }

    /// For what is left of the answer after the request.
    pub(crate) fn take_permit(&self) -> Option<Permit> {
        lock(&self.permit).take()
    }

    /// A request for another handler, which takes the place of this one in its queue.
    pub(crate) fn pass_on(&self, content: Request<WasiBody>) -> (Box<Self>, Awaited) {
        let permit = self.take_permit();
        let (request, awaited) = Self::new(content, self.head.peer.clone(), self.head.number);
        *lock(&request.permit) = permit;
        (request, awaited)
    }

    /// A request that has not come through a server.
    pub(crate) fn new(
        content: Request<WasiBody>,
        peer: String,
        number: u64,
    ) -> (Box<Self>, Awaited) {
        let (answer, awaited, response) = Answer::new();
        let request = Self {
            head: Arc::new(RequestHead::new(&content, peer, number)),
            handling: Mutex::new(Some(Handling { content, response })),
            answer,
            permit: Mutex::default(),
        };
        (Box::new(request), awaited)
    }
}

impl tnengine_http_server_t {
    /// Answers a request of the embedder itself. Nothing: the server was deleted.
    pub(crate) fn send(
        &self,
        request: Request<WasiBody>,
    ) -> (
        u64,
        impl Future<Output = Option<Response<WasiBody>>> + Send + use<>,
    ) {
        let shared = self.shared.clone();
        let peer = Peer {
            client: Client::Trusted,
            name: "program".to_string(),
        };
        let exchange = note_arrival(&shared, &peer, &request);
        let number = exchange.head().number;
        let scheme = request.uri().scheme().cloned().unwrap_or(Scheme::HTTP);
        let active = Activity::new(shared.header_time()).begin();
        let sent = async move {
            let mut phases = shared.phase.subscribe();
            let closed = pin!(phases.wait_for(|phase| *phase == Phase::Closed));
            let answered = pin!(answer(
                shared.clone(),
                peer,
                scheme,
                request,
                exchange,
                active
            ));
            match select(answered, closed).await {
                Either::Left((response, _)) => Some(response.map(BodyExt::boxed_unsync)),
                Either::Right(_) => None,
            }
        };
        (number, sent)
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

/// The authority of a request, without a user: of its target, or of its only `Host` field. Over HTTP/2 they must not
/// differ (RFC 9113 8.3.1); over HTTP/1, the target counts (RFC 9112 3.2.2).
pub(crate) fn find_authority<B>(request: &Request<B>) -> Option<Authority> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return None;
    }
    let host = host.map(|host| Authority::try_from(host.as_bytes()));
    let authority = match (request.uri().authority(), host.transpose().ok()?) {
        (Some(target), Some(host)) if request.version() >= Version::HTTP_2 && host != *target => {
            return None;
        }
        (Some(target), _) => target.clone(),
        (None, host) => host?,
    };
    (!authority.as_str().contains('@')).then_some(authority)
}

/// Guests do not see `Upgrade`, so they cannot tell its sender that there are no WebSockets. Other protocols need no
/// answer: a client that offers `h2c` goes on with HTTP/1.1.
fn wants_websocket(fields: &HeaderMap) -> bool {
    let offers = fields.get_all(UPGRADE).iter();
    offers
        .filter_map(|offers| offers.to_str().ok())
        .flat_map(|offers| offers.split(','))
        .any(|offer| offer.trim().eq_ignore_ascii_case("websocket"))
}

/// The target with scheme and authority, whatever form it had in the request.
fn find_uri<B>(request: &Request<B>, scheme: &Scheme) -> Option<Uri> {
    let path = request.uri().path_and_query().cloned();
    let mut parts = uri::Parts::default();
    parts.scheme = Some(scheme.clone());
    parts.authority = Some(find_authority(request)?);
    parts.path_and_query = Some(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
    Uri::from_parts(parts).ok()
}

/// Checks what the parser of HTTP leaves to the application. Returns the target.
fn check<B>(
    request: &Request<B>,
    scheme: &Scheme,
    limits: &tnengine_http_limits_t,
) -> Result<Uri, StatusCode> {
    if request.method() == Method::CONNECT || wants_websocket(request.headers()) {
        return Err(StatusCode::NOT_IMPLEMENTED);
    }
    let uri = find_uri(request, scheme).ok_or(StatusCode::BAD_REQUEST)?;
    let declared = request.headers().get(CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limits.body_bytes) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    Ok(uri)
}

/// The body of a request as its client sends it.
pub(crate) trait RequestContent:
    Body<Data = Bytes, Error: ReceiveError> + Send + Unpin + 'static
{
}
impl<B: Body<Data = Bytes, Error: ReceiveError> + Send + Unpin + 'static> RequestContent for B {}

/// The content of a request as guests get it.
fn content_of<B: RequestContent>(
    request: Request<B>,
    head: &Arc<RequestHead>,
    uri: Uri,
    shared: &Shared,
) -> Request<WasiBody> {
    let (most, limit) = (shared.limits.body_bytes, shared.idle());
    let mut request =
        request.map(|body| RequestBody::new(body, head.clone(), most, limit).boxed_unsync());
    *request.uri_mut() = uri;
    request
}

/// A request in the hands of the embedder, until its client has a response.
struct Waiting<'a> {
    activity: &'a Activity,
    is_answered: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.is_answered {
            self.activity.note_answer();
        } else {
            self.activity.note_taken_back();
        }
    }
}

/// The response if too many requests of the client wait.
fn refuse_for_now(version: Version) -> Response<WasiBody> {
    let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, version);
    let soon = HeaderValue::from_static("1");
    response.headers_mut().insert(RETRY_AFTER, soon);
    response
}

/// Lets the embedder answer a request.
async fn handle<B: RequestContent>(
    shared: &Shared,
    client: Client,
    active: &Active,
    head: Arc<RequestHead>,
    request: Request<B>,
    uri: Uri,
) -> Response<WasiBody> {
    let version = request.version();
    let (answer, awaited, response) = Answer::new();
    let content = content_of(request, &head, uri, shared);
    let request = Box::new(tnengine_http_request_t {
        head: head.clone(),
        handling: Mutex::new(Some(Handling { content, response })),
        answer,
        permit: Mutex::default(),
    });
    let mut chosen = usize::MAX;
    shared.call_back(|callbacks| chosen = (callbacks.route)(callbacks.env, &request));
    let Some(queue) = shared.queues.get(chosen) else {
        drop(request);
        return awaited.wait().await;
    };
    let Ok(permit) = queue.enter(client).await else {
        return refuse_for_now(version);
    };
    *lock(&request.permit) = Some(permit);
    shared.call_back(|callbacks| (callbacks.request)(callbacks.env, request));
    let mut waiting = Waiting {
        activity: &active.0,
        is_answered: false,
    };
    let response = awaited.wait().await;
    waiting.is_answered = !head.has_left();
    response
}

/// Begins an exchange.
fn note_arrival<B>(shared: &Arc<Shared>, peer: &Peer, request: &Request<B>) -> Exchange {
    let number = shared.numbers.fetch_add(1, Ordering::Relaxed) + 1;
    let head = RequestHead::new(request, peer.name.clone(), number);
    Exchange::begin(shared.clone(), Arc::new(head))
}

async fn answer<B: RequestContent>(
    shared: Arc<Shared>,
    peer: Peer,
    scheme: Scheme,
    request: Request<B>,
    exchange: Exchange,
    active: Active,
) -> Response<ReportedBody> {
    let head = exchange.head().clone();
    let response = match check(&request, &scheme, &shared.limits) {
        Ok(uri) => handle(&shared, peer.client, &active, head.clone(), request, uri).await,
        Err(status) => refuse(status, request.version()),
    };
    let response = match head.method {
        Method::HEAD => without_body(response),
        _ => response,
    };
    ReportedBody::of(response, exchange, active)
}

fn make_builder(limits: &tnengine_http_limits_t) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    let idle = Duration::from_millis(limits.idle_ms);
    builder
        .http1()
        .timer(TokioTimer::new())
        .half_close(limits.keeps_half_closed)
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
    let abused = pin!(activity.wait_until_abused());
    let useless = select(idle, abused);
    let stopped = pin!(phases.wait_for(|phase| *phase != Phase::Serving));
    match select(useless, stopped).await {
        Either::Left(_) => false,
        Either::Right((phase, _)) => phase.is_ok_and(|phase| *phase == Phase::Draining),
    }
}

/// Serves one connection to its end.
async fn serve(shared: Arc<Shared>, stream: Box<dyn Socket>, peer: Peer, scheme: Scheme) {
    let activity = Activity::new(shared.header_time());
    let service = service_fn(|request: Request<Incoming>| {
        let (shared, peer, scheme) = (shared.clone(), peer.clone(), scheme.clone());
        let exchange = note_arrival(&shared, &peer, &request);
        let request = Received::of_request(request);
        let request = request.map(|body| ReadAhead::new(body, Handle::current()));
        let answered = answer(shared, peer, scheme, request, exchange, activity.begin());
        async move { Ok::<_, Infallible>(answered.await) }
    });
    let builder = make_builder(&shared.limits);
    let stream = PatientStream::new(stream, shared.idle(), activity.clone());
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

/// Serves a connection, after the handshake if it is to be encrypted.
async fn welcome(shared: Arc<Shared>, socket: Plain, peer: Peer, tls: Option<tnengine_tls_t>) {
    let socket = TokioIo::new(socket);
    let Some(tls) = tls else {
        return serve(shared, Box::new(socket), peer, Scheme::HTTP).await;
    };
    let encrypted = {
        let mut phases = shared.phase.subscribe();
        let stopped = pin!(phases.wait_for(|phase| *phase != Phase::Serving));
        let handshake = pin!(timeout(HANDSHAKE_TIME, tls.accept(socket)));
        match select(handshake, stopped).await {
            Either::Left((Ok(encrypted), _)) => encrypted.map_err(|error| error.to_string()),
            Either::Left((Err(_), _)) => Err("the handshake of TLS took too long".to_string()),
            Either::Right(_) => return,
        }
    };
    match encrypted {
        Ok(socket) => serve(shared, Box::new(socket), peer, Scheme::HTTPS).await,
        Err(failure) => shared.call_back(|callbacks| {
            let peer = tnengine_slice_t::new(peer.name.as_bytes());
            let failure = tnengine_slice_t::new(failure.as_bytes());
            (callbacks.refused)(callbacks.env, peer, failure);
        }),
    }
}

/// Accepts connections until the server drains.
async fn accept(shared: Arc<Shared>, listener: Listener, tls: Option<tnengine_tls_t>) {
    loop {
        match listener.accept().await {
            Ok((socket, peer)) => {
                // Not before: others of its listeners can have connections.
                let Ok(permit) = shared.connections.clone().acquire_owned().await else {
                    return;
                };
                let open = Open::new(&shared, permit);
                let served = welcome(shared.clone(), socket, peer, tls.clone());
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
pub unsafe extern "C" fn tnengine_http_server_new(
    limits: &tnengine_http_limits_t,
    queues: *const tnengine_http_queue_t,
    queue_count: usize,
    callbacks: &tnengine_http_callbacks_t,
) -> Box<tnengine_http_server_t> {
    // SAFETY: the header requires `queue_count` queues.
    let queues = unsafe { list_of(queues, queue_count) };
    let queues = queues.iter().map(|queue| {
        let turnstile = Turnstile::new(queue.requests, queue.client_requests, queue.client_waiting);
        Arc::new(turnstile)
    });
    Box::new(tnengine_http_server_t {
        shared: Arc::new(Shared {
            limits: *limits,
            callbacks: RwLock::new(Some(*callbacks)),
            connections: semaphore(limits.connections),
            queues: queues.collect(),
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
    is_file: bool,
    tls: Option<&tnengine_tls_t>,
) -> Failed {
    // SAFETY: the header requires a socket of the caller's, which it gives away.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    guard_error(|| {
        let _entered = sockets().enter();
        let listener = if is_file {
            let listener = std::os::unix::net::UnixListener::from(socket);
            listener.set_nonblocking(true)?;
            Listener::File(UnixListener::from_std(listener)?)
        } else {
            let listener = std::net::TcpListener::from(socket);
            listener.set_nonblocking(true)?;
            Listener::Tcp(TcpListener::from_std(listener)?)
        };
        let accepted = accept(server.shared.clone(), listener, tls.cloned());
        server.listeners.push(tokio::spawn(accepted).into());
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
    let callbacks = server.shared.callbacks.write();
    *callbacks.unwrap_or_else(PoisonError::into_inner) = None;
    let _ = guard(|| {
        server.shared.phase.send_replace(Phase::Closed);
        drop(server);
    });
}

#[repr(C)]
pub struct tnengine_http_request_view_t<'a> {
    method: tnengine_slice_t<'a>,
    target: tnengine_slice_t<'a>,
    authority: tnengine_slice_t<'a>,
    peer: tnengine_slice_t<'a>,
    number: u64,
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_request_get<'a>(
    request: &'a tnengine_http_request_t,
    view: &mut tnengine_http_request_view_t<'a>,
) {
    let head = &request.head;
    *view = tnengine_http_request_view_t {
        method: tnengine_slice_t::new(head.method.as_str().as_bytes()),
        target: tnengine_slice_t::new(head.target.as_bytes()),
        authority: tnengine_slice_t::new(head.authority.as_bytes()),
        peer: tnengine_slice_t::new(head.peer.as_bytes()),
        number: head.number,
    };
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_request_is_awaited(request: &tnengine_http_request_t) -> bool {
    request.answer.is_awaited()
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_request_field(
    request: &tnengine_http_request_t,
    name: &tnengine_slice_t<'_>,
    value: &mut tnengine_bytes_t,
) -> bool {
    let found = guard(|| {
        let handling = lock(&request.handling);
        let fields = handling.as_ref()?.content.headers();
        let values = fields.get_all(name.text().ok()?).iter();
        let values = values.map(HeaderValue::as_bytes).collect::<Vec<_>>();
        (!values.is_empty()).then(|| values.join(&b", "[..]))
    });
    if let Ok(Some(found)) = found {
        value.set(found);
        return true;
    }
    false
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
