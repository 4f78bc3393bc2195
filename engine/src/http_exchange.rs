//! Exchanges: requests and what became of them, for logs and counts of the embedder.
//!
//! An exchange begins when a request was parsed. It ends when the connection is done with the body of the
//! response, or with the request if its client has left before; then it is reported, once. The report says whether
//! both bodies came to their ends, and if not, the first reason.

use crate::event_loop::lock;
use crate::ffi::*;
use crate::http_limits::{Abandon, Active};
use crate::http_server::{Shared, find_authority};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::http::header::CONTENT_LENGTH;
use hyper::http::{Method, Request, Response, StatusCode, Version};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Instant;
use wasmtime_wasi_http::{Error, WasiBody};

/// Why a request or its response was aborted: the first reason.
#[repr(u8)]
pub(crate) enum Abort {
    ClientLeft = 1,
    /// It took nothing of the response for too long.
    ClientTimeout = 2,
    /// Whoever writes the response did not end it.
    ResponseFailed = 3,
    RequestTooLarge = 4,
    /// The client sent nothing of the body for too long.
    RequestTimeout = 5,
    RequestInvalid = 6,
}

/// Neither was aborted.
const NO_ABORT: u8 = 0;

/// What a request said, as the embedder sees it.
pub(crate) struct RequestHead {
    pub(crate) method: Method,
    /// Path and query; for a target of another form, the target.
    pub(crate) target: String,
    /// Empty: the request has none, or no valid one.
    pub(crate) authority: String,
    pub(crate) peer: String,
    pub(crate) number: u64,
    version: Version,
    /// An `Abort`, the first one.
    abort: AtomicU8,
}

impl RequestHead {
    pub(crate) fn new<B>(request: &Request<B>, peer: String, number: u64) -> Self {
        let target = match request.uri().path_and_query() {
            Some(path) => path.to_string(),
            None => request.uri().to_string(),
        };
        let authority = find_authority(request).map(|authority| authority.to_string());
        Self {
            method: request.method().clone(),
            target,
            authority: authority.unwrap_or_default(),
            peer,
            number,
            version: request.version(),
            abort: AtomicU8::new(NO_ABORT),
        }
    }

    pub(crate) fn note_abort(&self, abort: Abort) {
        let _ = self.abort.compare_exchange(
            NO_ABORT,
            abort as u8,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
    }

    fn abort(&self) -> u8 {
        self.abort.load(Ordering::Relaxed)
    }

    /// Whether its client has left.
    pub(crate) fn has_left(&self) -> bool {
        self.abort() == Abort::ClientLeft as u8
    }
}

#[repr(C)]
pub struct tnengine_http_report_t<'a> {
    method: tnengine_slice_t<'a>,
    target: tnengine_slice_t<'a>,
    authority: tnengine_slice_t<'a>,
    peer: tnengine_slice_t<'a>,
    number: u64,
    body_bytes: u64,
    duration_ns: u64,
    status: u16,
    version: u8,
    abort: u8,
}

pub(crate) struct Exchange {
    shared: Arc<Shared>,
    head: Arc<RequestHead>,
    begin: Instant,
    status: Option<StatusCode>,
    body_bytes: u64,
}

impl Exchange {
    pub(crate) fn begin(shared: Arc<Shared>, head: Arc<RequestHead>) -> Self {
        Self {
            shared,
            head,
            begin: Instant::now(),
            status: None,
            body_bytes: 0,
        }
    }

    pub(crate) fn head(&self) -> &Arc<RequestHead> {
        &self.head
    }

    /// The client gets a response, unless it has left.
    pub(crate) fn note_status(&mut self, status: StatusCode) {
        if !self.head.has_left() {
            self.status = Some(status);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let head = &self.head;
        if self.status.is_none() {
            head.note_abort(Abort::ClientLeft);
        }
        let report = tnengine_http_report_t {
            method: tnengine_slice_t::new(head.method.as_str().as_bytes()),
            target: tnengine_slice_t::new(head.target.as_bytes()),
            authority: tnengine_slice_t::new(head.authority.as_bytes()),
            peer: tnengine_slice_t::new(head.peer.as_bytes()),
            number: head.number,
            body_bytes: self.body_bytes,
            duration_ns: u64::try_from(self.begin.elapsed().as_nanos()).unwrap_or(u64::MAX),
            status: self.status.map_or(0, |status| status.as_u16()),
            version: match head.version {
                Version::HTTP_10 => 10,
                Version::HTTP_2 => 20,
                _ => 11,
            },
            abort: head.abort(),
        };
        self.shared.call_back(|callbacks| callbacks.report(&report));
    }
}

/// The largest part of a body for HTTP/2, which a client must take in the time that it has for each part.
const PART_SIZE: usize = 16 * 1024;

/// A response that the connection takes. The exchange, and with it the activity of the connection, lasts as long as it.
struct Reported {
    inner: WasiBody,
    /// Of its last part, what the connection has not got.
    rest: Bytes,
    /// What the connection reads of it before it drops it; None: all.
    length: Option<u64>,
    has_ended: bool,
    /// Given at the next poll. hyper drops what it has not written when it gets an error, and writes before it
    /// polls again.
    failure: Option<Error>,
    exchange: Exchange,
    active: Active,
}

/// The body of a response. With HTTP/2, a client that grants no room for it holds what it belongs to, and the connection
/// itself goes on: such a body is abandoned.
pub(crate) struct ReportedBody(Arc<Mutex<Option<Reported>>>);

/// The length of a body that is passed on, as far as it is known.
fn length_of(response: &Response<WasiBody>) -> Option<u64> {
    if let StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED = response.status() {
        return Some(0);
    }
    let exact = response.body().size_hint().exact();
    exact.or_else(|| {
        let declared = response.headers().get(CONTENT_LENGTH)?;
        declared.to_str().ok()?.parse().ok()
    })
}

impl ReportedBody {
    pub(crate) fn of(
        response: Response<WasiBody>,
        mut exchange: Exchange,
        active: Active,
    ) -> Response<Self> {
        exchange.note_status(response.status());
        let length = length_of(&response);
        response.map(|inner| {
            let reported = Reported {
                inner,
                rest: Bytes::new(),
                length,
                has_ended: false,
                failure: None,
                exchange,
                active,
            };
            let body = Self(Arc::new(Mutex::new(Some(reported))));
            body.offer();
            body
        })
    }

    /// The client has to take the next part, unless that depends on whoever writes the body.
    fn offer(&self) {
        if let Some(reported) = &*lock(&self.0)
            && reported.is_split()
            && !reported.is_end_stream()
        {
            let body = Arc::downgrade(&self.0);
            let number = reported.exchange.head.number;
            reported.active.0.offer(number, body);
        }
    }
}

impl Abandon for Mutex<Option<Reported>> {
    fn abandon(&self) {
        let abandoned = lock(self).take();
        if let Some(reported) = abandoned {
            reported.exchange.head.note_abort(Abort::ClientTimeout);
        }
    }
}

impl Reported {
    /// Whether the connection gets its parts in pieces.
    fn is_split(&self) -> bool {
        self.exchange.head.version == Version::HTTP_2
    }

    /// Whether the connection needs no more of it.
    fn is_complete(&self) -> bool {
        self.has_ended || self.length == Some(self.exchange.body_bytes) || self.is_end_stream()
    }

    fn is_end_stream(&self) -> bool {
        self.failure.is_none() && self.rest.is_empty() && self.inner.is_end_stream()
    }

    /// Gives the rest of the last part, or some of it.
    fn take_rest(&mut self) -> Frame<Bytes> {
        let size = match self.is_split() {
            true => self.rest.len().min(PART_SIZE),
            false => self.rest.len(),
        };
        self.exchange.body_bytes += size as u64;
        Frame::data(self.rest.split_to(size))
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(self.take_rest())));
        }
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Some(Err(failure)));
        }
        let frame = match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
            Some(Err(failure)) => {
                self.exchange.head.note_abort(Abort::ResponseFailed);
                self.failure = Some(failure);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Ok(frame)) => frame,
            None => {
                self.has_ended = true;
                return Poll::Ready(None);
            }
        };
        let frame = match frame.into_data() {
            Ok(data) => {
                self.rest = data;
                self.take_rest()
            }
            Err(trailers) => {
                self.has_ended = true;
                trailers
            }
        };
        Poll::Ready(Some(Ok(frame)))
    }
}

impl Drop for Reported {
    fn drop(&mut self) {
        self.active.0.end_offer(self.exchange.head.number);
        if !self.is_complete() {
            self.exchange
                .head
                .note_abort(match self.active.0.has_timed_out() {
                    true => Abort::ClientTimeout,
                    false => Abort::ClientLeft,
                });
        }
    }
}

impl Body for ReportedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = {
            let mut reported = lock(&self.0);
            let Some(reported) = reported.as_mut() else {
                return Poll::Ready(Some(Err(Error::ConnectionTerminated)));
            };
            reported.active.0.end_offer(reported.exchange.head.number);
            ready!(reported.poll_frame(cx))
        };
        if let Some(Ok(_)) = &frame {
            self.offer();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.0).as_ref().is_some_and(Reported::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let reported = lock(&self.0);
        match reported.as_ref() {
            Some(reported) if reported.rest.is_empty() => reported.inner.size_hint(),
            _ => SizeHint::default(),
        }
    }
}
