//! Bodies of HTTP messages whose ends are in different stores.

use crate::event_loop::lock;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};
use wasmtime_wasi_http::{Error, WasiBody};

/// Whether the guests of a store ended before they were done. For the crate of wasi:http, the end of a store
/// is that of the bodies which its guests were writing.
#[derive(Clone, Default)]
pub(crate) struct Fate(Arc<AtomicBool>);

impl Fate {
    /// To be called before the store is dropped.
    pub(crate) fn break_off(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// A body that ends with an error if its guest did not end it.
    pub(crate) fn watch(&self, inner: WasiBody) -> WasiBody {
        let fate = self.clone();
        WasiBody::new(Watched { inner, fate })
    }
}

struct Watched {
    inner: WasiBody,
    fate: Fate,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if frame.is_none() && self.fate.0.load(Ordering::Acquire) {
            return Poll::Ready(Some(Err(Error::HttpResponseIncomplete)));
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

enum Slot {
    Empty(Option<Waker>),
    Full(WasiBody),
    /// Nobody will fill it.
    Lost,
}

/// A body that can be read when its store is free.
pub(crate) struct LateBody(Arc<Mutex<Slot>>);

/// Sets a `LateBody`.
pub(crate) struct BodySetter(Arc<Mutex<Slot>>);

impl LateBody {
    pub(crate) fn new() -> (Self, BodySetter) {
        let slot = Arc::new(Mutex::new(Slot::Empty(None)));
        (Self(slot.clone()), BodySetter(slot))
    }
}

impl BodySetter {
    pub(crate) fn set(self, body: WasiBody) {
        self.replace(Slot::Full(body));
    }

    fn replace(&self, next: Slot) {
        let waker = {
            let mut slot = lock(&self.0);
            match &mut *slot {
                Slot::Empty(waker) => {
                    let waker = waker.take();
                    *slot = next;
                    waker
                }
                Slot::Full(_) | Slot::Lost => None,
            }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Drop for BodySetter {
    fn drop(&mut self) {
        self.replace(Slot::Lost);
    }
}

impl Body for LateBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match &mut *lock(&self.0) {
            Slot::Empty(waker) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
            Slot::Full(body) => Pin::new(body).poll_frame(cx),
            Slot::Lost => Poll::Ready(Some(Err(Error::HttpResponseIncomplete))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &*lock(&self.0) {
            Slot::Full(body) => body.is_end_stream(),
            Slot::Empty(_) | Slot::Lost => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &*lock(&self.0) {
            Slot::Full(body) => body.size_hint(),
            Slot::Empty(_) | Slot::Lost => SizeHint::default(),
        }
    }
}
