//! Bodies of requests that are read before the guest asks for more.
//!
//! Guests and sockets have threads of their own. If each part of a body is asked for, both threads are woken for each
//! part, which takes as long as copying hundreds of KiB. So a task beside the connection reads a few parts ahead. It begins
//! after the first part: until a guest asks for one, the client may wait for `100 Continue`; and short bodies have only
//! one part.

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use wasmtime_wasi::runtime::AbortOnDropJoinHandle;

/// The most parts that wait for the guest. A part is at most what a connection reads at once.
const MOST_PARTS: usize = 4;

type Part<E> = Result<Frame<Bytes>, E>;

struct Rest<E> {
    parts: mpsc::Receiver<Part<E>>,
    _reader: AbortOnDropJoinHandle<()>,
}

/// The body of a request of a connection that `runtime` serves.
pub(crate) struct ReadAhead<B: Body> {
    runtime: Handle,
    /// None: the rest is read by its task.
    body: Option<B>,
    rest: Option<Rest<B::Error>>,
}

impl<B: Body<Data = Bytes, Error: Send> + Send + Unpin + 'static> ReadAhead<B> {
    pub(crate) fn new(body: B, runtime: Handle) -> Self {
        Self {
            runtime,
            body: Some(body),
            rest: None,
        }
    }

    fn begin_rest(&self, mut body: B) -> Rest<B::Error> {
        let (sender, parts) = mpsc::channel(MOST_PARTS);
        let read = async move {
            while let Ok(place) = sender.reserve().await
                && let Some(part) = body.frame().await
            {
                place.send(part);
            }
        };
        Rest {
            parts,
            _reader: self.runtime.spawn(read).into(),
        }
    }
}

impl<B: Body<Data = Bytes, Error: Send> + Send + Unpin + 'static> Body for ReadAhead<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Part<B::Error>>> {
        let this = self.get_mut();
        if let Some(rest) = &mut this.rest {
            return rest.parts.poll_recv(cx);
        }
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        let part = ready!(Pin::new(&mut *body).poll_frame(cx));
        if matches!(part, Some(Ok(_))) && !body.is_end_stream() {
            this.rest = this.body.take().map(|body| this.begin_rest(body));
        }
        Poll::Ready(part)
    }

    fn is_end_stream(&self) -> bool {
        match (&self.body, &self.rest) {
            (Some(body), _) => body.is_end_stream(),
            (None, Some(rest)) => rest.parts.is_closed() && rest.parts.is_empty(),
            (None, None) => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, B::size_hint)
    }
}
