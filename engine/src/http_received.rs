//! Bodies as hyper receives them. A cancelled body ends with an error here; hyper alone reports a normal end.

use crate::http_error::body_error;
use crate::http_limits::ReceiveError;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::http::{Request, Response, Version};
use std::error::Error as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use wasmtime_wasi_http::Error;

pub(crate) enum ReceiveFailure {
    Cancelled,
    Hyper(hyper::Error),
}

/// hyper reports what its decoder refuses with these kinds, and a closed connection with others.
impl ReceiveError for ReceiveFailure {
    fn is_left(&self) -> bool {
        let Self::Hyper(error) = self else {
            return true;
        };
        let cause = error.source().and_then(|cause| cause.downcast_ref());
        let kind = cause.map(io::Error::kind);
        !matches!(
            kind,
            Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData)
        )
    }
}

/// Of a request.
impl From<ReceiveFailure> for Error {
    fn from(failure: ReceiveFailure) -> Self {
        match failure {
            ReceiveFailure::Cancelled => Self::ConnectionTerminated,
            ReceiveFailure::Hyper(error) => error.into(),
        }
    }
}

impl ReceiveFailure {
    pub(crate) fn of_response(self) -> Error {
        match self {
            Self::Cancelled => Error::HttpResponseIncomplete,
            Self::Hyper(error) => body_error(error),
        }
    }
}

pub(crate) struct Received {
    inner: Incoming,
    version: Version,
    is_request: bool,
}

impl Received {
    pub(crate) fn of_request(request: Request<Incoming>) -> Request<Self> {
        let version = request.version();
        request.map(|inner| Self {
            inner,
            version,
            is_request: true,
        })
    }

    pub(crate) fn of_response(response: Response<Incoming>) -> Response<Self> {
        let version = response.version();
        response.map(|inner| Self {
            inner,
            version,
            is_request: false,
        })
    }

    /// Whether its stream was reset before the end. A server can reset one after a whole response too (RFC 9113
    /// 8.1), so that only its length tells.
    fn is_cancelled(&self) -> bool {
        self.version == Version::HTTP_2
            && !self.inner.is_end_stream()
            && (self.is_request || self.inner.size_hint().lower() > 0)
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = ReceiveFailure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ReceiveFailure>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        Poll::Ready(match frame {
            None if self.is_cancelled() => Some(Err(ReceiveFailure::Cancelled)),
            frame => frame.map(|frame| frame.map_err(ReceiveFailure::Hyper)),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
