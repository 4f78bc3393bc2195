//! A request that a guest sends on a connection, and the response to it.

use crate::http_client::{Client, Patience, Target};
use crate::http_error::*;
use crate::http_limits::WaitTimer;
use crate::http_proxy::Proxy;
use crate::http_received::Received;
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::client::conn::{TrySendError, http1, http2};
use hyper::http::{Request, Response, StatusCode};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::timeout;
use wasmtime_wasi_http::{Error, WasiBody};

/// A connection to a server, for the next request.
pub(crate) enum Connection {
    /// With the proxy that passes requests on; None: they go to the server, perhaps through a tunnel.
    Http1(http1::SendRequest<WasiBody>, Option<Proxy>),
    /// Shared by all requests to the server.
    Http2(http2::SendRequest<WasiBody>),
}

impl Connection {
    pub(crate) fn can_send(&self) -> bool {
        match self {
            Self::Http1(sender, _) => sender.is_ready(),
            Self::Http2(sender) => sender.is_ready(),
        }
    }

    /// Waits until another request can be sent.
    pub(crate) async fn is_over(&mut self) -> hyper::Result<()> {
        match self {
            Self::Http1(sender, _) => sender.ready().await,
            Self::Http2(sender) => sender.ready().await,
        }
    }

    async fn send(
        &mut self,
        request: Request<WasiBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<WasiBody>>> {
        match self {
            Self::Http1(sender, _) => sender.try_send_request(request).await,
            Self::Http2(sender) => sender.try_send_request(request).await,
        }
    }
}

pub(crate) enum Sent {
    Answered(Response<WasiBody>),
    /// Nothing of the request has left.
    Unsent(Request<WasiBody>, Error),
    Failed(Error),
}

pub(crate) async fn send(
    client: &Arc<Client>,
    target: &Target,
    mut connection: Connection,
    request: Request<WasiBody>,
    patience: &Patience,
) -> Sent {
    let Ok(sent) = timeout(patience.first_byte, connection.send(request)).await else {
        return Sent::Failed(Error::ConnectionReadTimeout);
    };
    let response = match sent {
        Ok(response) => response,
        Err(mut error) => {
            return match error.take_message() {
                Some(request) => Sent::Unsent(request, hyper_error(error.into_error())),
                None => Sent::Failed(hyper_error(error.into_error())),
            };
        }
    };
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Sent::Failed(Error::HttpUpgradeFailed);
    }
    client.give_back(target.clone(), connection);
    let limit = patience.between_bytes;
    let response = Received::of_response(response);
    Sent::Answered(response.map(|inner| ResponseBody::new(inner, limit).boxed_unsync()))
}

/// The body of a response. A server that sends nothing for too long ends it with an error.
struct ResponseBody {
    inner: Received,
    timer: WaitTimer,
    is_over: bool,
}

impl ResponseBody {
    fn new(inner: Received, limit: Duration) -> Self {
        Self {
            inner,
            timer: WaitTimer::new(limit),
            is_over: false,
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.get_mut();
        if this.is_over {
            return Poll::Ready(None);
        }
        let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) else {
            ready!(this.timer.poll_late(cx));
            this.is_over = true;
            return Poll::Ready(Some(Err(Error::ConnectionReadTimeout)));
        };
        this.timer.end_wait();
        Poll::Ready(frame.map(|frame| {
            frame.map_err(|failure| {
                this.is_over = true;
                failure.of_response()
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
