//! Exchanges: requests and what became of them, for logs and counts of the embedder.
//!
//! An exchange begins when a request was parsed. It ends when the connection is done with the body of the
//! response, or with the request if its client has left before; then it is reported, once.

use crate::ffi::*;
use crate::http_limits::Active;
use crate::http_server::{Shared, find_authority};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::http::{Method, Request, StatusCode, Version};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Instant;
use wasmtime_wasi_http::{Error, WasiBody};

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
    /// Its client has left while it was sending the body.
    pub(crate) has_left: AtomicBool,
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
            has_left: AtomicBool::new(false),
        }
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

    pub(crate) fn note_status(&mut self, status: StatusCode) {
        self.status = Some(status);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let head = &self.head;
        let report = tnengine_http_report_t {
            method: tnengine_slice_t::new(head.method.as_str().as_bytes()),
            target: tnengine_slice_t::new(head.target.as_bytes()),
            authority: tnengine_slice_t::new(head.authority.as_bytes()),
            peer: tnengine_slice_t::new(head.peer.as_bytes()),
            number: head.number,
            body_bytes: self.body_bytes,
            duration_ns: u64::try_from(self.begin.elapsed().as_nanos()).unwrap_or(u64::MAX),
            status: match self.status {
                Some(status) if !head.has_left.load(Ordering::Relaxed) => status.as_u16(),
                _ => 0,
            },
            version: match head.version {
                Version::HTTP_10 => 10,
                Version::HTTP_2 => 20,
                _ => 11,
            },
        };
        self.shared.call_back(|callbacks| callbacks.report(&report));
    }
}

/// The body of a response. The exchange, and with it the activity of the connection, lasts as long as it.
pub(crate) struct ReportedBody {
    inner: WasiBody,
    exchange: Exchange,
    _active: Active,
}

impl ReportedBody {
    pub(crate) fn new(inner: WasiBody, exchange: Exchange, active: Active) -> Self {
        Self {
            inner,
            exchange,
            _active: active,
        }
    }
}

impl Body for ReportedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            self.exchange.body_bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
