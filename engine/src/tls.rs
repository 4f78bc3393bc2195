//! Encrypted connections. The embedder encrypts (`tnengine_tls_callbacks_t`); this file waits for it.
//!
//! A session of the embedder is a state machine that never blocks. It reads and writes the connection by
//! two callbacks, in which the context of the task that polls is at hand: whoever polls is woken when the
//! connection is ready.

use crate::ffi::tnengine_slice_t;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use std::ffi::c_void;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

const DONE: u8 = 0;
const NEEDS_DATA: u8 = 1;
const NEEDS_ROOM: u8 = 2;
const END: u8 = 3;

#[repr(C)]
pub struct tnengine_tls_transport_t {
    receive: extern "C" fn(*mut c_void, *mut u8, usize) -> isize,
    send: extern "C" fn(*mut c_void, *const u8, usize) -> isize,
    env: *mut c_void,
}

#[repr(C)]
pub struct tnengine_tls_failure_t<'a> {
    kind: u8,
    alert: i16,
    text: tnengine_slice_t<'a>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_tls_callbacks_t {
    open: extern "C" fn(
        *mut c_void,
        &tnengine_tls_transport_t,
        &tnengine_slice_t<'_>,
    ) -> NonNull<c_void>,
    handshake: extern "C" fn(NonNull<c_void>) -> u8,
    read: extern "C" fn(NonNull<c_void>, *mut u8, usize, &mut usize) -> u8,
    write: extern "C" fn(NonNull<c_void>, *const u8, usize, &mut usize) -> u8,
    finish: extern "C" fn(NonNull<c_void>) -> u8,
    failure: extern "C" fn(NonNull<c_void>, &mut tnengine_tls_failure_t<'_>),
    speaks_http2: extern "C" fn(NonNull<c_void>) -> bool,
    close: extern "C" fn(NonNull<c_void>),
    release: extern "C" fn(*mut c_void),
    env: *mut c_void,
}

struct Callbacks(tnengine_tls_callbacks_t);

// SAFETY: the header requires callbacks that can be called on any thread, and sessions of which one thread
// at a time has each.
unsafe impl Send for Callbacks {}
unsafe impl Sync for Callbacks {}

impl Drop for Callbacks {
    fn drop(&mut self) {
        (self.0.release)(self.0.env);
    }
}

/// The keys and settings of one side.
#[derive(Clone)]
pub struct tnengine_tls_t(Arc<Callbacks>);

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_tls_new(callbacks: &tnengine_tls_callbacks_t) -> Box<tnengine_tls_t> {
    Box::new(tnengine_tls_t(Arc::new(Callbacks(*callbacks))))
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_tls_delete(_tls: Box<tnengine_tls_t>) {}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TlsFault {
    Transport,
    Certificate,
    /// With its number, if the peer said it.
    Alert(Option<u8>),
    Protocol,
    Setup,
}

/// Why a session failed. `io::Error` carries it; `find` gets it back.
#[derive(Debug)]
pub(crate) struct TlsError {
    pub(crate) fault: TlsFault,
    pub(crate) text: String,
}

impl TlsError {
    pub(crate) fn find(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for TlsError {}

/// A connection as the embedder's session uses it.
struct Transport<S> {
    stream: S,
    /// Of the task that polls; null outside of a call of the session.
    context: *mut Context<'static>,
    failure: Option<io::Error>,
}

impl<S: Read + Write + Unpin> Transport<S> {
    /// Moves bytes in a call of the session.
    fn transfer(
        &mut self,
        transfer: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> isize {
        // SAFETY: `TlsStream::poll_session` sets it for the time of the call.
        let Some(cx) = (unsafe { self.context.as_mut() }) else {
            return fail(libc_error::EIO);
        };
        match transfer(Pin::new(&mut self.stream), cx) {
            Poll::Ready(Ok(size)) => isize::try_from(size).unwrap_or(isize::MAX),
            Poll::Ready(Err(error)) => {
                let number = error.raw_os_error().unwrap_or(libc_error::EIO);
                self.failure = Some(error);
                fail(number)
            }
            Poll::Pending => fail(libc_error::EAGAIN),
        }
    }
}

/// The numbers of errors that Linux has on each architecture.
mod libc_error {
    pub(super) const EIO: i32 = 5;
    pub(super) const EAGAIN: i32 = 11;

    unsafe extern "C" {
        fn __errno_location() -> *mut i32;
    }

    pub(super) fn set(number: i32) {
        // SAFETY: the C library has one for each thread.
        unsafe { *__errno_location() = number };
    }
}

fn fail(number: i32) -> isize {
    libc_error::set(number);
    -1
}

extern "C" fn receive<S: Read + Write + Unpin>(
    env: *mut c_void,
    to: *mut u8,
    size: usize,
) -> isize {
    // SAFETY: `TlsStream` keeps the transport in a box of its own, and uses it only between calls of the
    // session. The header requires `size` bytes to write to.
    let (transport, to) = unsafe {
        let to = std::slice::from_raw_parts_mut(to.cast::<MaybeUninit<u8>>(), size);
        (&mut *env.cast::<Transport<S>>(), to)
    };
    let received = crate::ffi::guard(|| {
        transport.transfer(|stream, cx| {
            let mut buffer = ReadBuf::uninit(to);
            ready!(stream.poll_read(cx, buffer.unfilled()))?;
            Poll::Ready(Ok(buffer.filled().len()))
        })
    });
    received.unwrap_or_else(|_| fail(libc_error::EIO))
}

extern "C" fn send<S: Read + Write + Unpin>(
    env: *mut c_void,
    from: *const u8,
    size: usize,
) -> isize {
    // SAFETY: as in `receive`.
    let (transport, from) = unsafe {
        let from = std::slice::from_raw_parts(from, size);
        (&mut *env.cast::<Transport<S>>(), from)
    };
    let sent = crate::ffi::guard(|| transport.transfer(|stream, cx| stream.poll_write(cx, from)));
    sent.unwrap_or_else(|_| fail(libc_error::EIO))
}

/// An encrypted connection.
pub(crate) struct TlsStream<S> {
    tls: tnengine_tls_t,
    session: NonNull<c_void>,
    /// A box, to which the session refers. Dropped after it.
    transport: NonNull<Transport<S>>,
}

// SAFETY: the session is used by whoever has the stream, and the transport by the session.
unsafe impl<S: Send> Send for TlsStream<S> {}

impl<S> Drop for TlsStream<S> {
    fn drop(&mut self) {
        (self.tls.callbacks().close)(self.session);
        // SAFETY: it came from a box, and nothing refers to it any more.
        drop(unsafe { Box::from_raw(self.transport.as_ptr()) });
    }
}

impl tnengine_tls_t {
    fn callbacks(&self) -> &tnengine_tls_callbacks_t {
        &self.0.0
    }

    /// The side of a client, after the handshake. host: for which the server needs a certificate.
    pub(crate) async fn connect<S>(&self, stream: S, host: &str) -> io::Result<TlsStream<S>>
    where
        S: Read + Write + Unpin,
    {
        TlsStream::new(self, stream, host).handshake().await
    }

    /// The side of a server, after the handshake.
    pub(crate) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: Read + Write + Unpin,
    {
        TlsStream::new(self, stream, "").handshake().await
    }
}

impl<S: Read + Write + Unpin> TlsStream<S> {
    fn new(tls: &tnengine_tls_t, stream: S, host: &str) -> Self {
        let transport = NonNull::from(Box::leak(Box::new(Transport {
            stream,
            context: null_mut(),
            failure: None,
        })));
        let callbacks = tls.callbacks();
        let given = tnengine_tls_transport_t {
            receive: receive::<S>,
            send: send::<S>,
            env: transport.as_ptr().cast(),
        };
        let host = tnengine_slice_t::new(host.as_bytes());
        Self {
            tls: tls.clone(),
            session: (callbacks.open)(callbacks.env, &given, &host),
            transport,
        }
    }

    async fn handshake(mut self) -> io::Result<Self> {
        let done = poll_fn(|cx| {
            self.poll_session(cx, |callbacks, session| ((callbacks.handshake)(session), 0))
        });
        done.await?;
        Ok(self)
    }

    /// Whether both sides agreed to speak HTTP/2.
    pub(crate) fn speaks_http2(&self) -> bool {
        (self.tls.callbacks().speaks_http2)(self.session)
    }

    fn transport(&mut self) -> &mut Transport<S> {
        // SAFETY: the session does not use it outside of its functions.
        unsafe { self.transport.as_mut() }
    }

    /// Calls a function of the session. The end of the peer's direction is 0 bytes.
    fn poll_session(
        &mut self,
        cx: &mut Context<'_>,
        call: impl FnOnce(&tnengine_tls_callbacks_t, NonNull<c_void>) -> (u8, usize),
    ) -> Poll<io::Result<usize>> {
        // The lifetime is that of the call: it is taken back below.
        self.transport().context = std::ptr::from_mut(cx).cast();
        let (outcome, moved) = call(self.tls.callbacks(), self.session);
        self.transport().context = null_mut();
        match outcome {
            DONE => Poll::Ready(Ok(moved)),
            NEEDS_DATA | NEEDS_ROOM => Poll::Pending,
            END => Poll::Ready(Ok(0)),
            _ => Poll::Ready(Err(self.take_failure())),
        }
    }

    fn take_failure(&mut self) -> io::Error {
        if let Some(failure) = self.transport().failure.take() {
            return failure;
        }
        let mut failure = tnengine_tls_failure_t {
            kind: 0,
            alert: -1,
            text: tnengine_slice_t::new(&[]),
        };
        (self.tls.callbacks().failure)(self.session, &mut failure);
        let fault = match failure.kind {
            0 => TlsFault::Transport,
            1 => TlsFault::Certificate,
            2 => TlsFault::Alert(u8::try_from(failure.alert).ok()),
            3 => TlsFault::Protocol,
            _ => TlsFault::Setup,
        };
        let text = String::from_utf8_lossy(failure.text.bytes()).into_owned();
        let kind = match fault {
            TlsFault::Transport => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, TlsError { fault, text })
    }
}

impl<S: Read + Write + Unpin> Read for TlsStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // SAFETY: the session writes to it alone, and says how much.
        let (to, size) = unsafe {
            let to = buffer.as_mut();
            (to.as_mut_ptr().cast::<u8>(), to.len())
        };
        let read = self.poll_session(cx, |callbacks, session| {
            let mut moved = 0;
            let outcome = (callbacks.read)(session, to, size, &mut moved);
            (outcome, moved)
        });
        let moved = ready!(read)?;
        // SAFETY: that many bytes were written.
        unsafe { buffer.advance(moved) };
        Poll::Ready(Ok(()))
    }
}

impl<S: Read + Write + Unpin> Write for TlsStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.poll_session(cx, |callbacks, session| {
            let mut moved = 0;
            let outcome = (callbacks.write)(session, bytes.as_ptr(), bytes.len(), &mut moved);
            (outcome, moved)
        })
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport().stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let finished = self.poll_session(cx, |callbacks, session| ((callbacks.finish)(session), 0));
        ready!(finished)?;
        Pin::new(&mut self.transport().stream).poll_shutdown(cx)
    }
}
