//! Requests that guests send. The embedder decides where to (`tnengine_http_client_callbacks_t`).
//!
//! A client belongs to a domain: its stores share the connections that are idle, and nobody else does.
//! Requests are sent on the runtime of wasmtime-wasi. The embedder resolves the name of a server once for
//! each connection, and no address is used but those that it gives. They can be those of a proxy.

use crate::event_loop::lock;
use crate::ffi::*;
use crate::http_error::*;
use crate::http_proxy::{Proxy, open_tunnel};
use crate::http_send::{Connection, Sent, send};
use crate::http_server::semaphore;
use crate::http_socket::Plain;
use crate::loop_call::{shared_tag, tnengine_tag_t};
use crate::tls::tnengine_tls_t;
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use http_body_util::{BodyExt, Empty};
use hyper::body::Body;
use hyper::client::conn::{http1, http2};
use hyper::http::uri::{Authority, PathAndQuery, Scheme};
use hyper::http::{HeaderValue, Method, Request, Response, Uri};
use hyper::rt::{Read, Write};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::collections::HashMap;
use std::convert::Infallible;
use std::ffi::c_void;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout_at};
use wasmtime_wasi::runtime::spawn_blocking;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

/// How long an address is tried before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// Idle connections to one server.
const MOST_IDLE: usize = 16;

/// When connections of HTTP/2 are checked, and how long the check takes.
const PROBE: Duration = Duration::from_secs(20);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_http_target_t<'a> {
    is_https: bool,
    port: u16,
    host: tnengine_slice_t<'a>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_http_client_limits_t {
    connections: usize,
    header_bytes: u32,
    connect_ms: u64,
    first_byte_ms: u64,
    between_bytes_ms: u64,
    idle_ms: u64,
}

type AddAddress = extern "C" fn(*mut c_void, &[u8; 16]);
type SetProxy = extern "C" fn(*mut c_void, u16, tnengine_slice_t<'_>);
type SetText = extern "C" fn(*mut c_void, tnengine_slice_t<'_>);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_http_client_callbacks_t {
    allows: extern "C" fn(*mut c_void, &tnengine_http_target_t<'_>) -> bool,
    resolve: extern "C" fn(
        *mut c_void,
        &tnengine_http_target_t<'_>,
        *mut c_void,
        AddAddress,
        SetProxy,
    ) -> u8,
    traceparent: extern "C" fn(*mut c_void, Option<&tnengine_tag_t>, *mut c_void, SetText),
    release: extern "C" fn(*mut c_void),
    env: *mut c_void,
}

const UNKNOWN_HOST: u8 = 1;
const PROHIBITED: u8 = 2;

struct Callbacks(tnengine_http_client_callbacks_t);

// SAFETY: the header requires callbacks that can be called on any thread.
unsafe impl Send for Callbacks {}
unsafe impl Sync for Callbacks {}

impl Drop for Callbacks {
    fn drop(&mut self) {
        (self.0.release)(self.0.env);
    }
}

/// Where a request goes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    is_https: bool,
    /// In lower case, without brackets and without a dot at the end.
    host: String,
    port: u16,
}

impl Target {
    fn of<B>(request: &Request<B>) -> Result<Self, Error> {
        let uri = request.uri();
        let is_https = uri.scheme() == Some(&Scheme::HTTPS);
        let authority = uri.authority().ok_or(Error::HttpRequestUriInvalid)?;
        if authority.as_str().contains('@') {
            return Err(Error::HttpRequestUriInvalid);
        }
        let host = authority.host();
        let name = host.strip_suffix('.').unwrap_or(host);
        let bare = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        let host = bare.unwrap_or(name).to_ascii_lowercase();
        // The crate takes a port for text: an empty one is none, and others have to be numbers.
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("" | ":") => [80, 443][usize::from(is_https)],
            _ => authority.port_u16().ok_or(Error::HttpRequestUriInvalid)?,
        };
        if host.is_empty() || port == 0 {
            return Err(Error::HttpRequestUriInvalid);
        }
        Ok(Self {
            is_https,
            host,
            port,
        })
    }

    fn view(&self) -> tnengine_http_target_t<'_> {
        tnengine_http_target_t {
            is_https: self.is_https,
            port: self.port,
            host: tnengine_slice_t::new(self.host.as_bytes()),
        }
    }

    /// With brackets around an IPv6 address.
    fn printed_host(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        }
    }

    pub(crate) fn host_and_port(&self) -> String {
        format!("{}:{}", self.printed_host(), self.port)
    }

    /// The value of `Host` and `:authority`, made of what was checked.
    fn authority(&self) -> Result<Authority, Error> {
        let text = match (self.is_https, self.port) {
            (true, 443) | (false, 80) => self.printed_host(),
            _ => self.host_and_port(),
        };
        Authority::try_from(text).map_err(|_| Error::HttpRequestUriInvalid)
    }

    /// The target of a request as the server gets it, or in full as proxies and servers of HTTP/2 do.
    fn uri(&self, path: PathAndQuery, is_full: bool) -> Result<Uri, Error> {
        let mut parts = hyper::http::uri::Parts::default();
        parts.path_and_query = Some(path);
        if is_full {
            parts.scheme = Some(match self.is_https {
                true => Scheme::HTTPS,
                false => Scheme::HTTP,
            });
            parts.authority = Some(self.authority()?);
        }
        Uri::from_parts(parts).map_err(|_| Error::HttpRequestUriInvalid)
    }
}

/// How long each step may take: what the guest says, and at most what the client's limits say.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    connect: Duration,
    pub(crate) first_byte: Duration,
    pub(crate) between_bytes: Duration,
}

impl Patience {
    fn new(options: Option<RequestOptions>, limits: &tnengine_http_client_limits_t) -> Self {
        let options = options.unwrap_or_default();
        let bound = |wanted: Option<Duration>, most_ms: u64| {
            let most = Duration::from_millis(most_ms);
            wanted.map_or(most, |wanted| wanted.min(most))
        };
        Self {
            connect: bound(options.connect_timeout, limits.connect_ms),
            first_byte: bound(options.first_byte_timeout, limits.first_byte_ms),
            between_bytes: bound(options.between_bytes_timeout, limits.between_bytes_ms),
        }
    }
}

/// How a target is reached.
#[derive(Default)]
struct Route {
    addresses: Vec<IpAddr>,
    /// Whose addresses they are; None: the target's.
    proxy: Option<Proxy>,
}

impl Route {
    fn sockets(&self, target: &Target) -> Vec<SocketAddr> {
        let port = self.proxy.as_ref().map_or(target.port, |proxy| proxy.port);
        let addresses = self.addresses.iter();
        addresses.map(|ip| SocketAddr::new(*ip, port)).collect()
    }
}

struct Idle {
    connection: Connection,
    since: Instant,
}

pub(crate) struct Client {
    callbacks: Callbacks,
    limits: tnengine_http_client_limits_t,
    tls: tnengine_tls_t,
    connections: Arc<Semaphore>,
    idle: Mutex<HashMap<Target, Vec<Idle>>>,
}

pub struct tnengine_http_client_t(pub(crate) Arc<Client>);

impl Client {
    fn idle_time(&self) -> Duration {
        Duration::from_millis(self.limits.idle_ms)
    }

    /// Takes a connection that waits for requests. One of HTTP/2 stays for others.
    fn take_idle(&self, target: &Target) -> Option<Connection> {
        let mut idle = lock(&self.idle);
        let waiting = idle.get_mut(target)?;
        while let Some(last) = waiting.pop() {
            if !last.connection.can_send() {
                continue;
            }
            if let Connection::Http2(sender) = &last.connection {
                let connection = Connection::Http2(sender.clone());
                waiting.push(last);
                return Some(connection);
            }
            return Some(last.connection);
        }
        None
    }

    fn add_idle(&self, target: Target, connection: Connection) {
        let mut idle = lock(&self.idle);
        let waiting = idle.entry(target).or_default();
        if let Connection::Http2(_) = connection {
            // Each exchange gives back a copy, of which the last one is kept.
            waiting.retain(|idle| !matches!(idle.connection, Connection::Http2(_)));
        }
        if waiting.len() < MOST_IDLE {
            let since = Instant::now();
            waiting.push(Idle { connection, since });
        }
    }

    /// Ends the connections that were idle for `time`.
    fn end_idle(&self, time: Duration) {
        lock(&self.idle).retain(|_, waiting| {
            waiting.retain(|idle| idle.connection.can_send() && idle.since.elapsed() < time);
            !waiting.is_empty()
        });
    }

    /// Makes a connection available to other requests once the exchange on it is over.
    pub(crate) fn give_back(self: &Arc<Self>, target: Target, mut connection: Connection) {
        let client = Arc::downgrade(self);
        tokio::spawn(async move {
            // An error: it has ended, perhaps because a guest did not read a body to its end.
            if connection.is_over().await.is_err() {
                return;
            }
            let Some(time) = client.upgrade().map(|client| {
                client.add_idle(target, connection);
                client.idle_time()
            }) else {
                return;
            };
            sleep(time).await;
            if let Some(client) = client.upgrade() {
                client.end_idle(time);
            }
        });
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        if let Ok(permit) = self.connections.clone().try_acquire_owned() {
            return Ok(permit);
        }
        self.end_idle(Duration::ZERO);
        let permit = self.connections.clone().acquire_owned().await;
        permit.map_err(|_| Error::ConnectionLimitReached)
    }

    /// Finds the addresses that may be used. The permit stays with the look-up, which cannot be ended.
    async fn resolve(
        self: &Arc<Self>,
        target: &Target,
        permit: OwnedSemaphorePermit,
    ) -> Result<(Route, OwnedSemaphorePermit), Error> {
        let (client, target) = (self.clone(), target.clone());
        spawn_blocking(move || {
            let mut found = Route::default();
            let callbacks = &client.callbacks.0;
            let route = std::ptr::from_mut(&mut found).cast();
            let outcome =
                (callbacks.resolve)(callbacks.env, &target.view(), route, add_address, set_proxy);
            match (outcome, found.addresses.is_empty()) {
                (PROHIBITED, _) => Err(Error::DestinationIpProhibited),
                (UNKNOWN_HOST, _) | (_, true) => Err(Error::DnsError {
                    rcode: Some("address not available".to_owned()),
                    info_code: None,
                }),
                _ => Ok((found, permit)),
            }
        })
        .await
    }

    async fn connect(
        self: &Arc<Self>,
        target: &Target,
        patience: &Patience,
    ) -> Result<Connection, Error> {
        let deadline = Instant::now() + patience.connect;
        let permit = timeout_at(deadline, self.permit()).await;
        let permit = permit.map_err(|_| Error::ConnectionLimitReached)??;
        let resolved = timeout_at(deadline, self.resolve(target, permit)).await;
        let (route, permit) = resolved.map_err(|_| Error::DnsTimeout)??;
        let made = timeout_at(deadline, async {
            let stream = connect_to_any(route.sockets(target)).await?;
            let stream = TokioIo::new(Plain::Tcp(stream));
            match route.proxy {
                proxy if !target.is_https => {
                    let sender = self.shake_hands(stream, permit).await?;
                    Ok(Connection::Http1(sender, proxy))
                }
                Some(proxy) => {
                    let tunnel = open_tunnel(stream, target, &proxy).await?;
                    self.encrypt(tunnel, target, permit).await
                }
                None => self.encrypt(stream, target, permit).await,
            }
        });
        made.await.map_err(|_| Error::ConnectionTimeout)?
    }

    async fn encrypt<S>(
        &self,
        stream: S,
        target: &Target,
        permit: OwnedSemaphorePermit,
    ) -> Result<Connection, Error>
    where
        S: Read + Write + Unpin + Send + 'static,
    {
        let stream = self.tls.connect(stream, &target.host).await;
        let stream = stream.map_err(tls_error)?;
        if stream.speaks_http2() {
            let sender = self.shake_hands_of_http2(stream, permit).await?;
            return Ok(Connection::Http2(sender));
        }
        let sender = self.shake_hands(stream, permit).await?;
        Ok(Connection::Http1(sender, None))
    }

    /// Begins to speak HTTP. The connection is served by a task of its own, as long as anything uses it.
    async fn shake_hands<S>(
        &self,
        stream: S,
        permit: OwnedSemaphorePermit,
    ) -> Result<http1::SendRequest<WasiBody>, Error>
    where
        S: Read + Write + Unpin + Send + 'static,
    {
        let header_bytes = self.limits.header_bytes as usize;
        let mut builder = http1::Builder::new();
        builder
            .max_header_size(header_bytes)
            .max_buf_size(header_bytes);
        let (sender, connection) = builder.handshake(stream).await.map_err(hyper_error)?;
        tokio::spawn(async move {
            let _permit = permit;
            let _ = connection.await;
        });
        Ok(sender)
    }

    async fn shake_hands_of_http2<S>(
        &self,
        stream: S,
        permit: OwnedSemaphorePermit,
    ) -> Result<http2::SendRequest<WasiBody>, Error>
    where
        S: Read + Write + Unpin + Send + 'static,
    {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .keep_alive_interval(PROBE)
            .keep_alive_timeout(PROBE)
            .max_header_list_size(self.limits.header_bytes);
        let (sender, connection) = builder.handshake(stream).await.map_err(hyper_error)?;
        tokio::spawn(async move {
            let _permit = permit;
            let _ = connection.await;
        });
        Ok(sender)
    }

    /// Sends a request on a connection that is idle, or else on a new one.
    async fn exchange(
        self: Arc<Self>,
        target: Target,
        mut request: Request<WasiBody>,
        patience: Patience,
    ) -> Result<Response<WasiBody>, Error> {
        let path = request.uri().path_and_query().cloned();
        let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
        let authority = target.authority()?;
        let host = HeaderValue::try_from(authority.as_str());
        let host = host.map_err(|_| Error::HttpRequestUriInvalid)?;
        loop {
            let (connection, is_new) = match self.take_idle(&target) {
                Some(connection) => (connection, false),
                None => (self.connect(&target, &patience).await?, true),
            };
            let (is_http2, proxy) = match &connection {
                Connection::Http1(_, proxy) => (false, proxy.as_ref()),
                Connection::Http2(_) => (true, None),
            };
            *request.uri_mut() = target.uri(path.clone(), is_http2 || proxy.is_some())?;
            set_fields(&mut request, (!is_http2).then_some(&host));
            if let Some(proxy) = proxy {
                proxy.authorize(request.headers_mut());
            }
            let copy = if is_new { None } else { copy_of(&request) };
            let sent = send(&self, &target, connection, request, &patience).await;
            // A server can end an idle connection at any time.
            request = match (sent, copy) {
                (Sent::Answered(response), _) => return Ok(response),
                (Sent::Unsent(returned, _), _) if !is_new => returned,
                (Sent::Failed(Error::ConnectionTerminated), Some(copy)) => copy,
                (Sent::Unsent(_, error) | Sent::Failed(error), _) => return Err(error),
            };
        }
    }

    fn trace(&self, request: &mut Request<WasiBody>) {
        const TRACEPARENT: &str = "traceparent";
        if request.headers().contains_key(TRACEPARENT) {
            return;
        }
        let mut value: Option<HeaderValue> = None;
        let text = std::ptr::from_mut(&mut value).cast();
        let callbacks = &self.callbacks.0;
        (callbacks.traceparent)(callbacks.env, shared_tag().as_ref(), text, set_value);
        if let Some(value) = value {
            request.headers_mut().insert(TRACEPARENT, value);
        }
    }

    /// Checks a request, on the thread of its guest, and gives what sends it.
    pub(crate) fn begin(
        self: &Arc<Self>,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<impl Future<Output = Result<Response<WasiBody>, Error>> + Send + 'static, Error>
    {
        if request.method() == Method::CONNECT {
            return Err(Error::HttpRequestMethodInvalid);
        }
        let target = Target::of(&request)?;
        if !(self.callbacks.0.allows)(self.callbacks.0.env, &target.view()) {
            return Err(Error::HttpRequestDenied);
        }
        self.trace(&mut request);
        let patience = Patience::new(options, &self.limits);
        Ok(self.clone().exchange(target, request, patience))
    }
}

extern "C" fn add_address(route: *mut c_void, address: &[u8; 16]) {
    // SAFETY: `resolve` gives its route.
    let route = unsafe { &mut *route.cast::<Route>() };
    let address = IpAddr::from(*address).to_canonical();
    route.addresses.push(address);
}

extern "C" fn set_proxy(route: *mut c_void, port: u16, authorization: tnengine_slice_t<'_>) {
    // SAFETY: as above.
    let route = unsafe { &mut *route.cast::<Route>() };
    route.proxy = Some(Proxy::new(port, authorization.bytes()));
}

extern "C" fn set_value(text: *mut c_void, value: tnengine_slice_t<'_>) {
    // SAFETY: `trace` gives its value.
    let text = unsafe { &mut *text.cast::<Option<HeaderValue>>() };
    *text = HeaderValue::from_bytes(value.bytes()).ok();
}

/// Sets `Host`, which has to be what was checked, and leaves the connection to this file. Guests cannot set
/// these fields; requests that they pass on can have them.
fn set_fields(request: &mut Request<WasiBody>, host: Option<&HeaderValue>) {
    let fields = request.headers_mut();
    for name in wasmtime_wasi_http::DEFAULT_FORBIDDEN_HEADERS {
        fields.remove(name);
    }
    if let Some(host) = host {
        fields.insert(hyper::http::header::HOST, host.clone());
    }
}

/// A request that can be sent a second time: without a body, and with a method for which twice is as once.
fn copy_of(request: &Request<WasiBody>) -> Option<Request<WasiBody>> {
    if !request.method().is_idempotent() || !request.body().is_end_stream() {
        return None;
    }
    let body = Empty::new().map_err(|never: Infallible| match never {});
    let mut copy = Request::new(body.boxed_unsync());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}

/// Connects to the address that answers first. The next one is tried if one does not answer at once.
async fn connect_to_any(addresses: Vec<SocketAddr>) -> Result<TcpStream, Error> {
    let mut attempts = FuturesUnordered::new();
    let mut failure = Error::DestinationUnavailable;
    for address in addresses {
        attempts.push(TcpStream::connect(address));
        match select(attempts.next(), pin!(sleep(HEAD_START))).await {
            Either::Left((Some(Ok(stream)), _)) => return Ok(begin(stream)),
            Either::Left((Some(Err(error)), _)) => failure = connect_error(&error),
            _ => (),
        }
    }
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok(stream) => return Ok(begin(stream)),
            Err(error) => failure = connect_error(&error),
        }
    }
    Err(failure)
}

fn begin(stream: TcpStream) -> TcpStream {
    // The parts of a body are written as they come.
    let _ = stream.set_nodelay(true);
    stream
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_client_new(
    limits: &tnengine_http_client_limits_t,
    callbacks: &tnengine_http_client_callbacks_t,
    tls: &tnengine_tls_t,
) -> Box<tnengine_http_client_t> {
    Box::new(tnengine_http_client_t(Arc::new(Client {
        callbacks: Callbacks(*callbacks),
        limits: *limits,
        tls: tls.clone(),
        connections: semaphore(limits.connections),
        idle: Mutex::new(HashMap::new()),
    })))
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_client_delete(client: Box<tnengine_http_client_t>) {
    let _ = guard(|| drop(client));
}
