//! What clients of an HTTP server can use: the size of bodies, and the time for each step.

use crate::event_loop::lock;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, sleep_until};
use wasmtime_wasi_http::Error;

/// How long a client is waited for. The time begins when the wait does.
struct Patience {
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn new(limit: Duration) -> Self {
        Self { limit, timer: None }
    }

    /// The client has to do something. Ready: it took too long.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        timer.as_mut().poll(cx)
    }

    fn end_wait(&mut self) {
        self.timer = None;
    }
}

/// A socket whose writes fail if the client takes nothing for too long.
pub(crate) struct PatientStream {
    inner: TokioIo<TcpStream>,
    patience: Patience,
}

impl PatientStream {
    pub(crate) fn new(stream: TcpStream, limit: Duration) -> Self {
        Self {
            inner: TokioIo::new(stream),
            patience: Patience::new(limit),
        }
    }

    fn poll_write_with(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut TokioIo<TcpStream>>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match write(Pin::new(&mut self.inner), cx) {
            Poll::Ready(written) => {
                self.patience.end_wait();
                Poll::Ready(written)
            }
            Poll::Pending => {
                ready!(self.patience.poll_late(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl Read for PatientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl Write for PatientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_with(cx, |inner, cx| inner.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_with(cx, |inner, cx| inner.poll_write_vectored(cx, parts))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// The requests of one connection that are in progress.
#[derive(Clone)]
pub(crate) struct Activity(Arc<Mutex<Counted>>);

struct Counted {
    requests: usize,
    /// When the last of them ended.
    quiet_since: Instant,
}

/// A request in progress, as long as it exists.
pub(crate) struct Active(Activity);

impl Activity {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Counted {
            requests: 0,
            quiet_since: Instant::now(),
        })))
    }

    pub(crate) fn begin(&self) -> Active {
        lock(&self.0).requests += 1;
        Active(self.clone())
    }

    /// Waits until there was no request for this time.
    pub(crate) async fn wait_until_idle(&self, limit: Duration) {
        loop {
            let due = {
                let counted = lock(&self.0);
                match counted.requests {
                    0 => counted.quiet_since + limit,
                    _ => Instant::now() + limit,
                }
            };
            if due <= Instant::now() {
                return;
            }
            sleep_until(due).await;
        }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        let mut counted = lock(&self.0.0);
        counted.requests -= 1;
        counted.quiet_since = Instant::now();
    }
}

/// The body of a request. A client that sends too much of it, or nothing for too long, ends it with an
/// error.
pub(crate) struct RequestBody {
    inner: Incoming,
    most: u64,
    left: u64,
    patience: Patience,
    is_over: bool,
}

impl RequestBody {
    pub(crate) fn new(inner: Incoming, most: u64, limit: Duration) -> Self {
        Self {
            inner,
            most,
            left: most,
            patience: Patience::new(limit),
            is_over: false,
        }
    }

    fn fail(&mut self, error: Error) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.is_over = true;
        Poll::Ready(Some(Err(error)))
    }
}

impl Body for RequestBody {
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
            ready!(this.patience.poll_late(cx));
            return this.fail(Error::ConnectionReadTimeout);
        };
        this.patience.end_wait();
        match frame {
            Some(Ok(frame)) => {
                let size = frame.data_ref().map_or(0, |data| data.len() as u64);
                if size > this.left {
                    return this.fail(Error::HttpRequestBodySize(Some(this.most)));
                }
                this.left -= size;
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => this.fail(error.into()),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
