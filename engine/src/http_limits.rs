//! What clients of an HTTP server can use: the size of bodies, and the time for each step.

use crate::event_loop::lock;
use crate::http_exchange::{Abort, RequestHead};
use crate::http_socket::Socket;
use futures_util::future::select;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep, sleep_until};
use wasmtime_wasi_http::Error;

/// How long a peer is waited for. The time begins when the wait does.
pub(crate) struct WaitTimer {
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl WaitTimer {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, timer: None }
    }

    /// The peer has to do something. Ready: it took too long.
    pub(crate) fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        timer.as_mut().poll(cx)
    }

    pub(crate) fn end_wait(&mut self) {
        self.timer = None;
    }
}

type Inner = Box<dyn Socket>;

/// What is written in larger pieces is not only an answer to a PING or SETTINGS of HTTP/2.
const MOST_OF_CONTROL: usize = 64;

/// The first bytes of a connection with HTTP/2.
const HTTP_2_BEGIN: &[u8] = b"PRI ";

/// A socket whose writes fail if the client takes nothing for too long. It notes when the client begins a
/// request of HTTP/1.
pub(crate) struct PatientStream {
    inner: Inner,
    timer: WaitTimer,
    activity: Activity,
    /// Whether requests are in frames, between others. None: nothing has been read.
    has_frames: Option<bool>,
}

impl PatientStream {
    pub(crate) fn new(stream: Inner, limit: Duration, activity: Activity) -> Self {
        Self {
            inner: stream,
            timer: WaitTimer::new(limit),
            activity,
            has_frames: None,
        }
    }

    fn note_read(&mut self, bytes: &[u8]) {
        let has_frames = *self
            .has_frames
            .get_or_insert_with(|| bytes.starts_with(HTTP_2_BEGIN));
        if !has_frames && !bytes.is_empty() {
            self.activity.note_bytes();
        }
    }
}

impl Read for PatientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // SAFETY: as much is advanced as was read, and nothing is made uninitialized.
        unsafe {
            let mut read = ReadBuf::uninit(buffer.as_mut());
            ready!(Pin::new(&mut self.inner).poll_read(cx, read.unfilled()))?;
            self.note_read(read.filled());
            let size = read.filled().len();
            buffer.advance(size);
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for PatientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.inner).poll_write(cx, bytes) {
            Poll::Ready(written) => {
                self.timer.end_wait();
                if let Ok(size) = written
                    && size > MOST_OF_CONTROL
                {
                    self.activity.note_written();
                }
                Poll::Ready(written)
            }
            Poll::Pending => {
                ready!(self.timer.poll_late(cx));
                self.activity.note_timeout();
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// Requests that a client may take back on one connection, unless it waits for as many others. More of them
/// are an attack: each costs an instance, and the client nothing (CVE-2023-44487).
const MOST_TAKEN_BACK: usize = 100;

/// What a connection does: the requests that are in progress, or the one that the client has begun to send.
#[derive(Clone)]
pub(crate) struct Activity(Arc<Shared>);

struct Shared {
    header_limit: Duration,
    state: Mutex<State>,
    changed: Notify,
    abused: Notify,
}

struct State {
    /// In progress.
    requests: usize,
    /// When the last of them ended.
    quiet_since: Instant,
    /// When the client began to send the fields of the next one.
    header_since: Option<Instant>,
    answered: usize,
    taken_back: usize,
    /// The client took nothing for too long.
    has_timed_out: bool,
    /// Bodies of which the client has not taken what they have; the oldest first.
    offers: Vec<Offer>,
}

/// A body that is dropped if its client takes nothing of it.
pub(crate) trait Abandon {
    fn abandon(&self);
}

struct Offer {
    since: Instant,
    number: u64,
    body: Weak<dyn Abandon + Send + Sync>,
}

/// A request in progress, as long as it exists.
pub(crate) struct Active(pub(crate) Activity);

impl Activity {
    /// header_limit: for the fields of each request.
    pub(crate) fn new(header_limit: Duration) -> Self {
        Self(Arc::new(Shared {
            header_limit,
            state: Mutex::new(State {
                requests: 0,
                quiet_since: Instant::now(),
                header_since: None,
                answered: 0,
                taken_back: 0,
                has_timed_out: false,
                offers: Vec::new(),
            }),
            changed: Notify::new(),
            abused: Notify::new(),
        }))
    }

    pub(crate) fn begin(&self) -> Active {
        let mut state = lock(&self.0.state);
        state.requests += 1;
        state.header_since = None;
        Active(self.clone())
    }

    /// The client has sent something.
    fn note_bytes(&self) {
        let mut state = lock(&self.0.state);
        if state.requests == 0 && state.header_since.is_none() {
            state.header_since = Some(Instant::now());
            self.0.changed.notify_one();
        }
    }

    fn note_timeout(&self) {
        lock(&self.0.state).has_timed_out = true;
    }

    pub(crate) fn has_timed_out(&self) -> bool {
        lock(&self.0.state).has_timed_out
    }

    /// The client has taken some of the answers.
    fn note_written(&self) {
        lock(&self.0.state).quiet_since = Instant::now();
    }

    /// The client has to take some of this body. number: of its request.
    pub(crate) fn offer(&self, number: u64, body: Weak<dyn Abandon + Send + Sync>) {
        let since = Instant::now();
        let offer = Offer {
            since,
            number,
            body,
        };
        lock(&self.0.state).offers.push(offer);
    }

    /// The client has taken it, or the body is gone.
    pub(crate) fn end_offer(&self, number: u64) {
        let mut state = lock(&self.0.state);
        state.offers.retain(|offer| offer.number != number);
    }

    /// Abandons the bodies of which the client has taken nothing for this time.
    fn end_offers(&self, limit: Duration) {
        let late = {
            let mut state = lock(&self.0.state);
            let now = Instant::now();
            let late = state
                .offers
                .iter()
                .take_while(|offer| offer.since + limit <= now);
            let late = late.count();
            state.offers.drain(..late).collect::<Vec<_>>()
        };
        // Without the lock: each ends a request.
        for body in late.iter().filter_map(|offer| offer.body.upgrade()) {
            body.abandon();
        }
    }

    pub(crate) fn note_answer(&self) {
        lock(&self.0.state).answered += 1;
    }

    /// The client did not wait for an answer.
    pub(crate) fn note_taken_back(&self) {
        let mut state = lock(&self.0.state);
        state.taken_back += 1;
        if state.taken_back > MOST_TAKEN_BACK && state.taken_back > state.answered {
            self.0.abused.notify_one();
        }
    }

    /// Waits until the client has taken back too many requests.
    pub(crate) async fn wait_until_abused(&self) {
        self.0.abused.notified().await;
    }

    /// Waits until there was no request for this time, or the fields of one have taken too long.
    pub(crate) async fn wait_until_idle(&self, limit: Duration) {
        loop {
            self.end_offers(limit);
            let (due, next_offer) = {
                let state = lock(&self.0.state);
                let idle = match state.requests {
                    0 => state.quiet_since + limit,
                    _ => Instant::now() + limit,
                };
                let late = state.header_since.map(|since| since + self.0.header_limit);
                let offer = state.offers.first().map(|offer| offer.since + limit);
                (late.map_or(idle, |late| late.min(idle)), offer)
            };
            if due <= Instant::now() {
                return;
            }
            let due = next_offer.map_or(due, |offer| offer.min(due));
            select(pin!(sleep_until(due)), pin!(self.0.changed.notified())).await;
        }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        let mut state = lock(&self.0.0.state);
        state.requests -= 1;
        state.quiet_since = Instant::now();
    }
}

/// What ends the body of a request early.
pub(crate) trait ReceiveError: Into<Error> {
    /// Whether that is the client, by leaving.
    fn is_left(&self) -> bool;
}

/// Of a client in the process, which writes no HTTP.
impl ReceiveError for Error {
    fn is_left(&self) -> bool {
        true
    }
}

/// The body of a request. A client that sends too much of it, or nothing for too long, ends it with an
/// error. It notes why, also for a client that leaves before the end.
pub(crate) struct RequestBody<B> {
    inner: B,
    head: Arc<RequestHead>,
    most: u64,
    left: u64,
    timer: WaitTimer,
    is_over: bool,
}

impl<B> RequestBody<B> {
    pub(crate) fn new(inner: B, head: Arc<RequestHead>, most: u64, limit: Duration) -> Self {
        Self {
            inner,
            head,
            most,
            left: most,
            timer: WaitTimer::new(limit),
            is_over: false,
        }
    }

    fn fail(&mut self, abort: Abort, error: Error) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.is_over = true;
        self.head.note_abort(abort);
        Poll::Ready(Some(Err(error)))
    }
}

impl<B: Body<Data = Bytes, Error: ReceiveError> + Unpin> Body for RequestBody<B> {
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
            return this.fail(Abort::RequestTimeout, Error::ConnectionReadTimeout);
        };
        this.timer.end_wait();
        match frame {
            Some(Ok(frame)) => {
                let size = frame.data_ref().map_or(0, |data| data.len() as u64);
                if size > this.left {
                    let error = Error::HttpRequestBodySize(Some(this.most));
                    return this.fail(Abort::RequestTooLarge, error);
                }
                this.left -= size;
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                let abort = match error.is_left() {
                    true => Abort::ClientLeft,
                    false => Abort::RequestInvalid,
                };
                this.fail(abort, error.into())
            }
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
