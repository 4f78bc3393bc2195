//! Handles of wasi:http that pass from one store to another (`wasi_handle.rs`).
//!
//! Most are entries that refer to nothing in their store, and move as they are. A message of wasi:http 0.3 can
//! have a body that a guest writes: a stream and a future of its store. Such a message is taken apart. What
//! the other store gets is a body that the crate reads from the stream through a channel, as it does for a
//! body that leaves the process, so that the pace of the reader holds and nothing is kept. It is made when
//! the store is free (`Unread::connect`), which can be after the other store has the message.

use crate::http_body::{BodySetter, Fate, LateBody};
use crate::http_message::{Refusal, empty_body};
use crate::http_wasi::{Hooks, view};
use crate::wasi_handle::*;
use futures_channel::oneshot;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::http::header::CONTENT_LENGTH;
use hyper::http::uri::{self, Authority, PathAndQuery, Scheme};
use hyper::http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use wasmtime::component::{Access, LinkerInstance, Resource, ResourceTable, ResourceType};
use wasmtime::{AsContextMut, Result, StoreContextMut, bail, format_err};
use wasmtime_c_api::WasmtimeStoreData;
use wasmtime_wasi::WasiView;
use wasmtime_wasi::p2::{InputStream, Pollable, StreamError};
use wasmtime_wasi::runtime::spawn;
use wasmtime_wasi_http::p2::bindings::http::types::{self, HostIncomingRequest as _};
use wasmtime_wasi_http::p2::body::{HostFutureTrailers, HostIncomingBody, HostOutgoingBody};
use wasmtime_wasi_http::p2::types::{
    HostFutureIncomingResponse, HostIncomingRequest, HostIncomingResponse, HostOutgoingRequest,
    HostOutgoingResponse, HostResponseOutparam,
};
use wasmtime_wasi_http::p3::bindings::http::types::{HostRequestWithStore, HostResponseWithStore};
use wasmtime_wasi_http::{
    Error, FieldMap, RequestOptions, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView, p3,
};

/// Takes the response of a handler of wasi:http 0.2.
type SetResponse = Box<dyn FnOnce(Result<Response<WasiBody>, types::ErrorCode>) + Send + Sync>;

/// What becomes of the body of a message, as its reader knows it.
type Transmission = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// Entries that move as they are.
macro_rules! entries {
    ($($kind:ident: $name:ident($entry:ty)),* $(,)?) => {
        pub(crate) enum Entry {
            $($name($entry)),*
        }

        impl Entry {
            fn take(table: &mut ResourceTable, kind: u8, rep: u32) -> Result<Self> {
                Ok(match kind {
                    $($kind => Entry::$name(table.delete(Resource::<$entry>::new_own(rep))?),)*
                    _ => bail!("unknown kind {kind} of WASI resources"),
                })
            }

            fn put(self, table: &mut ResourceTable) -> Result<u32> {
                Ok(match self {
                    $(Entry::$name(entry) => table.push(entry)?.rep(),)*
                })
            }

            fn define(
                linker: &mut LinkerInstance<'_, WasmtimeStoreData>,
                name: &str,
                kind: u8,
            ) -> Result<()> {
                let ty = match kind {
                    $($kind => ResourceType::host::<$entry>(),)*
                    _ => bail!("unknown kind {kind} of WASI resources"),
                };
                linker.resource(name, ty, move |mut store, rep| {
                    Entry::take(store.data_mut().ctx().table, kind, rep)?.drop();
                    Ok(())
                })
            }
        }
    };
}

entries! {
    TNENGINE_WASI_FIELDS: Fields(FieldMap),
    TNENGINE_WASI_INCOMING_REQUEST: IncomingRequest(HostIncomingRequest),
    TNENGINE_WASI_OUTGOING_REQUEST: OutgoingRequest(HostOutgoingRequest),
    TNENGINE_WASI_REQUEST_OPTIONS_02: Options02(RequestOptions),
    TNENGINE_WASI_RESPONSE_OUTPARAM: ResponseOutparam(HostResponseOutparam),
    TNENGINE_WASI_INCOMING_RESPONSE: IncomingResponse(HostIncomingResponse),
    TNENGINE_WASI_INCOMING_BODY: IncomingBody(HostIncomingBody),
    TNENGINE_WASI_FUTURE_TRAILERS: FutureTrailers(HostFutureTrailers),
    TNENGINE_WASI_OUTGOING_RESPONSE: OutgoingResponse(HostOutgoingResponse),
    TNENGINE_WASI_OUTGOING_BODY: OutgoingBody(HostOutgoingBody),
    TNENGINE_WASI_FUTURE_INCOMING_RESPONSE: FutureIncomingResponse(HostFutureIncomingResponse),
    TNENGINE_WASI_REQUEST_OPTIONS_03: Options03(p3::MaybeMutable<RequestOptions>),
}

impl Entry {
    /// As a guest does it.
    fn drop(self) {
        if let Entry::OutgoingBody(body) = self {
            body.abort();
        }
    }

    /// fate: of the store that it leaves, whose guests may write its body.
    fn watch(&mut self, fate: &Fate) {
        let body = match self {
            Entry::OutgoingRequest(request) => &mut request.body,
            Entry::OutgoingResponse(response) => &mut response.body,
            _ => return,
        };
        *body = body.take().map(|body| fate.watch(body));
    }

    /// fate: of the store that it comes to, whose guests may give and write the response.
    fn watch_response(&mut self, fate: &Fate) {
        let Entry::ResponseOutparam(out) = self else {
            return;
        };
        let fate = fate.clone();
        let unset: Box<dyn FnOnce(_) + Send + Sync> = Box::new(|_| ());
        let send = mem::replace(&mut out.send, unset);
        out.send = Box::new(move |given| {
            send(given.map(|response| response.map(|body| fate.watch(body))))
        });
    }
}

/// A request of wasi:http 0.3, except for its body.
pub(crate) struct RequestHead {
    method: Method,
    scheme: Option<Scheme>,
    authority: Option<Authority>,
    path_with_query: Option<PathAndQuery>,
    headers: FieldMap,
    options: Option<Arc<RequestOptions>>,
}

/// A response of wasi:http 0.3, except for its body.
pub(crate) struct ResponseHead {
    status: StatusCode,
    headers: FieldMap,
}

/// The body of a message between two stores.
pub(crate) struct Passed {
    body: LateBody,
    transmission: oneshot::Sender<Transmission>,
}

pub(crate) enum HttpContent {
    Entry(Entry),
    Request(RequestHead, Passed),
    Response(ResponseHead, Passed),
}

/// A body that a guest of another store writes. What became of it is not known before its end.
struct SentBody {
    inner: LateBody,
    _transmission: oneshot::Sender<Transmission>,
}

impl Body for SentBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The body of a request of wasi:http 0.2. The crate gives it only as the stream that a guest reads.
fn read_body(mut body: HostIncomingBody) -> WasiBody {
    let frames = stream::unfold(
        (body.take_stream(), Some(body)),
        |(mut data, mut body)| async move {
            if let Some(from) = &mut data {
                from.ready().await;
                match from.read(usize::MAX) {
                    Ok(part) => return Some((Ok(Frame::data(part)), (data, body))),
                    Err(StreamError::Closed) => (),
                    Err(StreamError::LastOperationFailed(error) | StreamError::Trap(error)) => {
                        let error = error.downcast().unwrap_or(Error::ConnectionTerminated);
                        return Some((Err(error), (None, None)));
                    }
                }
            }
            // The stream gives its end to the trailers when it is dropped.
            drop(data);
            let mut trailers = body.take()?.into_future_trailers();
            trailers.ready().await;
            let HostFutureTrailers::Done(read) = trailers else {
                return None;
            };
            let frame = read.transpose()?.map(Frame::trailers);
            Some((frame, (None, None)))
        },
    );
    StreamBody::new(frames).boxed_unsync()
}

/// The crate has functions of guests for the parts of a request of wasi:http 0.2, and no others.
fn read_request(mut entry: HostIncomingRequest) -> Result<Request<WasiBody>> {
    let body = entry.body.take();
    let body = body.ok_or_else(|| format_err!("its body was taken"))?;
    let (mut table, mut ctx, mut hooks) =
        (ResourceTable::new(), WasiHttpCtx::new(), Hooks::default());
    let mut view = WasiHttpCtxView {
        ctx: &mut ctx,
        table: &mut table,
        hooks: &mut hooks,
    };
    let request = view.table.push(entry)?;
    let again = || Resource::new_borrow(request.rep());
    let method = view.method(again())?.try_into()?;
    let scheme = match view.scheme(again())? {
        Some(types::Scheme::Https) => Scheme::HTTPS,
        _ => Scheme::HTTP,
    };
    let authority = view.authority(again())?;
    let path = view.path_with_query(again())?;
    let fields = view.headers(again())?;
    let fields = view.table.delete(fields)?;
    let path = path.map(PathAndQuery::try_from).transpose()?;
    let authority = authority.map(Authority::try_from).transpose()?;
    make_request(method, scheme, authority, path, fields, read_body(body))
}

/// A request that a guest of wasi:http 0.2 sends.
fn read_outgoing(entry: HostOutgoingRequest) -> Result<Request<WasiBody>> {
    let scheme = match entry.scheme {
        Some(types::Scheme::Http) => Scheme::HTTP,
        _ => Scheme::HTTPS,
    };
    make_request(
        entry.method.try_into()?,
        scheme,
        entry.authority.map(Authority::try_from).transpose()?,
        entry
            .path_with_query
            .map(PathAndQuery::try_from)
            .transpose()?,
        entry.headers,
        entry.body.unwrap_or_else(empty_body),
    )
}

fn make_request(
    method: Method,
    scheme: Scheme,
    authority: Option<Authority>,
    path: Option<PathAndQuery>,
    fields: FieldMap,
    body: WasiBody,
) -> Result<Request<WasiBody>> {
    let mut parts = uri::Parts::default();
    parts.scheme = Some(scheme);
    // Guests of 0.3 can leave both out.
    parts.authority = Some(authority.unwrap_or(Authority::from_static("localhost")));
    parts.path_and_query = Some(path.unwrap_or(PathAndQuery::from_static("/")));
    let mut request = Request::new(body);
    (*request.method_mut(), *request.uri_mut()) = (method, Uri::from_parts(parts)?);
    *request.headers_mut() = fields.into();
    Ok(request)
}

impl HttpContent {
    /// A request that a guest has passed to a handler, or that it sends.
    pub(crate) fn into_request(self) -> Result<Request<WasiBody>> {
        match self {
            HttpContent::Entry(Entry::IncomingRequest(entry)) => read_request(entry),
            HttpContent::Entry(Entry::OutgoingRequest(entry)) => read_outgoing(entry),
            HttpContent::Request(head, passed) => make_request(
                head.method,
                head.scheme.unwrap_or(Scheme::HTTP),
                head.authority,
                head.path_with_query,
                head.headers,
                WasiBody::new(SentBody {
                    inner: passed.body,
                    _transmission: passed.transmission,
                }),
            ),
            _ => bail!("the resource is not a request"),
        }
    }

    /// A response of wasi:http 0.3.
    pub(crate) fn of_response(response: Response<WasiBody>) -> Self {
        let (parts, body) = response.into_parts();
        let (late, setter) = LateBody::new();
        setter.set(body);
        let head = ResponseHead {
            status: parts.status,
            headers: FieldMap::new_immutable(&mut Hooks::default(), parts.headers),
        };
        // Nobody waits for what becomes of it.
        let transmission = oneshot::channel().0;
        HttpContent::Response(
            head,
            Passed {
                body: late,
                transmission,
            },
        )
    }

    /// A response of wasi:http 0.2 that the guest waits for. If nobody is left to give it, it is nothing.
    pub(crate) fn of_future(
        response: impl Future<Output = Option<Response<WasiBody>>> + Send + 'static,
    ) -> Self {
        let response = spawn(async move {
            let response = response.await.ok_or(Error::HttpResponseIncomplete)?;
            if response.extensions().get::<Refusal>().is_some() {
                return Err(match response.status() {
                    StatusCode::GATEWAY_TIMEOUT => Error::HttpResponseTimeout,
                    _ => Error::InternalError(Some("the handler failed".to_string())),
                });
            }
            // Nothing remains to be done beside it.
            Ok((response, spawn(async {})))
        });
        let response = HostFutureIncomingResponse::Pending(response);
        HttpContent::Entry(Entry::FutureIncomingResponse(response))
    }

    /// What takes the response to a request of wasi:http 0.2.
    pub(crate) fn into_outparam(self) -> Option<SetResponse> {
        match self {
            HttpContent::Entry(Entry::ResponseOutparam(out)) => Some(out.send),
            _ => None,
        }
    }
}

enum Message {
    Request(p3::Request),
    Response(p3::Response),
}

/// A message whose body has to be read in the store that it leaves.
pub(crate) struct Unread {
    message: Message,
    transmission: oneshot::Receiver<Transmission>,
    body: BodySetter,
    fate: Fate,
}

impl Unread {
    fn new(message: Message, fate: &Fate) -> (Self, Passed) {
        let (sender, transmission) = oneshot::channel();
        let (late, body) = LateBody::new();
        let passed = Passed {
            body: late,
            transmission: sender,
        };
        let fate = fate.clone();
        let unread = Self {
            message,
            transmission,
            body,
            fate,
        };
        (unread, passed)
    }

    pub(crate) fn connect(self, store: StoreContextMut<'_, WasmtimeStoreData>) -> Result<()> {
        let transmission = self.transmission;
        let sent = async move {
            match transmission.await {
                Ok(transmission) => transmission.await,
                // Nobody reads it.
                Err(_) => Ok(()),
            }
        };
        let body = match self.message {
            Message::Request(request) => request
                .into_http_with_getter(store, sent, view)
                .map_err(|error| match error.downcast() {
                    Ok(code) => format_err!("its body cannot be read: {code:?}"),
                    Err(error) => error,
                })?
                .0
                .into_body(),
            Message::Response(response) => response
                .into_http_with_getter(store, sent, view)?
                .into_body(),
        };
        self.body.set(self.fate.watch(body));
        Ok(())
    }
}

/// The part of the fields that is needed to read a body.
fn length_of(fields: &FieldMap) -> FieldMap {
    let mut length = HeaderMap::new();
    if let Some(value) = fields.get(CONTENT_LENGTH) {
        length.insert(CONTENT_LENGTH, value.clone());
    }
    FieldMap::new_immutable(&mut Hooks::default(), length)
}

/// Removes an entry. Its body can be read after `Unread::connect`.
pub(crate) fn take(
    table: &mut ResourceTable,
    kind: u8,
    rep: u32,
    fate: &Fate,
) -> Result<(HttpContent, Option<Unread>)> {
    match kind {
        TNENGINE_WASI_REQUEST => {
            let mut request = table.delete(Resource::<p3::Request>::new_own(rep))?;
            let length = length_of(&request.headers);
            // The crate makes a request of HTTP, of which only the body is used. Its head has to be valid.
            let head = RequestHead {
                method: mem::take(&mut request.method),
                scheme: request.scheme.replace(Scheme::HTTP),
                authority: request
                    .authority
                    .replace(Authority::from_static("localhost")),
                path_with_query: request
                    .path_with_query
                    .replace(PathAndQuery::from_static("/")),
                headers: mem::replace(&mut request.headers, length),
                options: request.options.take(),
            };
            let (unread, passed) = Unread::new(Message::Request(request), fate);
            Ok((HttpContent::Request(head, passed), Some(unread)))
        }
        TNENGINE_WASI_RESPONSE => {
            let mut response = table.delete(Resource::<p3::Response>::new_own(rep))?;
            let length = length_of(&response.headers);
            let head = ResponseHead {
                status: response.status,
                headers: mem::replace(&mut response.headers, length),
            };
            let (unread, passed) = Unread::new(Message::Response(response), fate);
            Ok((HttpContent::Response(head, passed), Some(unread)))
        }
        _ => {
            let mut entry = Entry::take(table, kind, rep)?;
            entry.watch(fate);
            Ok((HttpContent::Entry(entry), None))
        }
    }
}

/// Adds an entry. fate: of its store.
pub(crate) fn put(table: &mut ResourceTable, content: HttpContent, fate: &Fate) -> Result<u32> {
    Ok(match content {
        HttpContent::Entry(mut entry) => {
            entry.watch_response(fate);
            entry.put(table)?
        }
        HttpContent::Request(head, passed) => {
            let (request, transmission) = p3::Request::new(
                head.method,
                head.scheme,
                head.authority,
                head.path_with_query,
                head.headers,
                head.options,
                passed.body,
            );
            let _ = passed.transmission.send(Box::pin(transmission));
            table.push(request)?.rep()
        }
        HttpContent::Response(head, passed) => {
            let message = Response::new(passed.body);
            let (mut response, transmission) =
                p3::Response::from_http(&mut Hooks::default(), message);
            (response.status, response.headers) = (head.status, head.headers);
            let _ = passed.transmission.send(Box::pin(transmission));
            table.push(response)?.rep()
        }
    })
}

/// Defines a resource type of an interface that is not WASI's as WASI's own.
pub(crate) fn define(
    linker: &mut LinkerInstance<'_, WasmtimeStoreData>,
    name: &str,
    kind: u8,
) -> Result<()> {
    match kind {
        TNENGINE_WASI_REQUEST => {
            let ty = ResourceType::host::<p3::Request>();
            linker.resource(name, ty, |mut store, rep| {
                let access = Access::<_, WasiHttp>::new(store.as_context_mut(), view);
                <WasiHttp as HostRequestWithStore<_>>::drop(access, Resource::new_own(rep))
            })
        }
        TNENGINE_WASI_RESPONSE => {
            let ty = ResourceType::host::<p3::Response>();
            linker.resource(name, ty, |mut store, rep| {
                let access = Access::<_, WasiHttp>::new(store.as_context_mut(), view);
                <WasiHttp as HostResponseWithStore<_>>::drop(access, Resource::new_own(rep))
            })
        }
        _ => Entry::define(linker, name, kind),
    }
}
