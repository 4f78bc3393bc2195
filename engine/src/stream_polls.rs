//! Consumers and producers as the engine polls them.
//!
//! `Consumer` and `Producer` implement the engine's traits by the callbacks of the embedder's
//! objects, for each type of items (`stream_items.rs`).

use crate::stream::*;
use crate::stream_items::*;
use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use wasmtime::component::{
    Destination, FutureConsumer, FutureProducer, Lift, Lower, Source, StreamConsumer,
    StreamProducer, StreamResult, WriteBuffer,
};
use wasmtime::{AsContextMut, Result, StoreContextMut, bail};
use wasmtime_c_api::WasmtimeStoreData;

fn result_of(poll: u8) -> Result<StreamResult> {
    match poll {
        TNENGINE_POLL_COMPLETED => Ok(StreamResult::Completed),
        TNENGINE_POLL_DROPPED => Ok(StreamResult::Dropped),
        TNENGINE_POLL_CANCELLED => Ok(StreamResult::Cancelled),
        TNENGINE_POLL_NO_MEMORY => bail!(NO_MEMORY),
        _ => bail!("invalid answer to a poll"),
    }
}

const NO_MEMORY: &str = "out of memory";

pub(crate) struct Consumer<T>(ConsumerEnd, PhantomData<fn() -> T>);

impl<T> Consumer<T> {
    pub(crate) fn new(end: ConsumerEnd) -> Self {
        Self(end, PhantomData)
    }
}

/// How the embedder looks at the items of a write.
pub(crate) trait Readable: Lift + Sized + 'static {
    /// Returns true if the items were moved to the embedder, and so are taken.
    fn read(
        end: &ConsumerEnd,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        source: &mut Source<'_, Self>,
        count: usize,
    ) -> Result<bool>;
}

impl Readable for Item {
    fn read(
        end: &ConsumerEnd,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        source: &mut Source<'_, Self>,
        count: usize,
    ) -> Result<bool> {
        end.read(store, source, &mut Peek, count).map(|()| false)
    }
}

impl Readable for Outcome {
    fn read(
        end: &ConsumerEnd,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        source: &mut Source<'_, Self>,
        count: usize,
    ) -> Result<bool> {
        let mut peek = PeekOutcome(None);
        end.read(store, source, &mut peek, count)?;
        match peek.0 {
            None => Ok(false),
            Some(producer) => {
                end.take_value(&producer);
                Ok(true)
            }
        }
    }
}

impl Readable for Nothing {
    fn read(
        _end: &ConsumerEnd,
        _store: StoreContextMut<'_, WasmtimeStoreData>,
        _source: &mut Source<'_, Self>,
        _count: usize,
    ) -> Result<bool> {
        bail!("there is nothing to read")
    }
}

impl<T: Readable> Consumer<T> {
    fn poll(
        &self,
        cx: &Context<'_>,
        mut store: StoreContextMut<'_, WasmtimeStoreData>,
        source: &mut Source<'_, T>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let mut write = tnengine_write_t {
            bytes: std::ptr::null(),
            count: source.remaining(&mut store),
            is_cancelled: finish,
        };
        let mut is_moved = false;
        loop {
            let mut taken = 0;
            match self.0.poll(cx, &write, &mut taken) {
                TNENGINE_POLL_PENDING => return Poll::Pending,
                TNENGINE_POLL_READ => {
                    is_moved = T::read(&self.0, store.as_context_mut(), source, write.count)?;
                    // It can be read once.
                    write.bytes = std::ptr::null();
                }
                result => {
                    if taken > 0 && !is_moved {
                        source.read(&mut store, &mut Take::new(taken))?;
                    }
                    return Poll::Ready(result_of(result));
                }
            }
        }
    }
}

impl<T: Readable> StreamConsumer<WasmtimeStoreData> for Consumer<T> {
    type Item = T;

    fn poll_consume(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        mut source: Source<'_, T>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        self.poll(cx, store, &mut source, finish)
    }
}

impl<T: Readable> FutureConsumer<WasmtimeStoreData> for Consumer<T> {
    type Item = T;

    fn poll_consume(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        mut source: Source<'_, T>,
        finish: bool,
    ) -> Poll<Result<()>> {
        self.poll(cx, store, &mut source, finish)
            .map(|result| result.map(|_| ()))
    }
}

impl StreamConsumer<WasmtimeStoreData> for Consumer<u8> {
    type Item = u8;

    fn poll_consume(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        source: Source<'_, u8>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let mut direct = source.as_direct(store);
        let bytes = direct.remaining();
        let write = tnengine_write_t {
            bytes: bytes.as_ptr(),
            count: bytes.len(),
            is_cancelled: finish,
        };
        let mut taken = 0;
        match self.0.poll(cx, &write, &mut taken) {
            TNENGINE_POLL_PENDING => Poll::Pending,
            result => {
                direct.mark_read(taken);
                Poll::Ready(result_of(result))
            }
        }
    }
}

pub(crate) struct Producer<T>(Arc<ProducerEnd>, PhantomData<fn() -> T>);

impl<T> Producer<T> {
    pub(crate) fn new(end: ProducerEnd) -> Self {
        Self(Arc::new(end), PhantomData)
    }
}

/// The embedder's object of a producer, if that is what is asked for, and the engine has no items of
/// it. Otherwise the producer, which `wrap` makes again.
fn take_end<P>(
    end: Arc<ProducerEnd>,
    ty: TypeId,
    wrap: impl FnOnce(Arc<ProducerEnd>) -> P,
) -> std::result::Result<Box<dyn Any>, Pin<Box<P>>> {
    if ty != TypeId::of::<ProducerEnd>() {
        return Err(Box::pin(wrap(end)));
    }
    match Arc::try_unwrap(end) {
        Ok(end) => Ok(Box::new(end)),
        Err(end) => Err(Box::pin(wrap(end))),
    }
}

impl<T: Lower + Send + Sync + 'static> StreamProducer<WasmtimeStoreData> for Producer<T>
where
    Ready: WriteBuffer<T>,
{
    type Item = T;
    type Buffer = Ready;

    fn poll_produce<'a>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, WasmtimeStoreData>,
        mut destination: Destination<'a, T, Ready>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let read = tnengine_read_t {
            bytes: std::ptr::null_mut(),
            // A host of the engine takes what there is.
            count: destination
                .remaining(store.as_context_mut())
                .unwrap_or(usize::MAX),
            is_cancelled: finish,
        };
        let mut ready = 0;
        match self.0.poll(cx, &read, &mut ready) {
            TNENGINE_POLL_PENDING => Poll::Pending,
            result => {
                if ready > 0 {
                    destination.set_buffer(Ready {
                        end: Some(self.0.clone()),
                        count: ready,
                    });
                }
                Poll::Ready(result_of(result))
            }
        }
    }

    fn try_into(
        me: Pin<Box<Self>>,
        ty: TypeId,
    ) -> std::result::Result<Box<dyn Any>, Pin<Box<Self>>> {
        take_end(Pin::into_inner(me).0, ty, |end| Self(end, PhantomData))
    }
}

/// The room for bytes that a host of the engine reads at once.
const HOST_READ: usize = 65536;

/// A `stream<u8>`. A type of its own, because the engine's trait for `u8` is implemented for one
/// type of buffer, which is never used.
pub(crate) struct BytesProducer(pub(crate) Arc<ProducerEnd>);

impl StreamProducer<WasmtimeStoreData> for BytesProducer {
    type Item = u8;
    type Buffer = Option<u8>;

    fn poll_produce<'a>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'a, WasmtimeStoreData>,
        destination: Destination<'a, u8, Option<u8>>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        let mut direct = destination.as_direct(store, HOST_READ);
        let bytes = direct.remaining();
        let read = tnengine_read_t {
            bytes: bytes.as_mut_ptr(),
            count: bytes.len(),
            is_cancelled: finish,
        };
        let mut ready = 0;
        match self.0.poll(cx, &read, &mut ready) {
            TNENGINE_POLL_PENDING => Poll::Pending,
            result => {
                direct.mark_written(ready);
                Poll::Ready(result_of(result))
            }
        }
    }

    fn try_into(
        me: Pin<Box<Self>>,
        ty: TypeId,
    ) -> std::result::Result<Box<dyn Any>, Pin<Box<Self>>> {
        take_end(Pin::into_inner(me).0, ty, Self)
    }
}

impl<T> Producer<T> {
    fn poll_future(
        &self,
        cx: &Context<'_>,
        finish: bool,
        value: impl FnOnce(Arc<ProducerEnd>) -> T,
    ) -> Poll<Result<Option<T>>> {
        let read = tnengine_read_t {
            bytes: std::ptr::null_mut(),
            count: 1,
            is_cancelled: finish,
        };
        let mut ready = 0;
        match self.0.poll(cx, &read, &mut ready) {
            TNENGINE_POLL_PENDING => Poll::Pending,
            TNENGINE_POLL_COMPLETED => Poll::Ready(Ok(Some(value(self.0.clone())))),
            TNENGINE_POLL_CANCELLED => Poll::Ready(Ok(None)),
            TNENGINE_POLL_NO_MEMORY => Poll::Ready(Err(wasmtime::format_err!(NO_MEMORY))),
            _ => Poll::Ready(Err(wasmtime::format_err!(
                "the writer of a future ended before it wrote a value"
            ))),
        }
    }
}

impl FutureProducer<WasmtimeStoreData> for Producer<Outcome> {
    type Item = Outcome;

    fn poll_produce(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        _store: StoreContextMut<'_, WasmtimeStoreData>,
        finish: bool,
    ) -> Poll<Result<Option<Self::Item>>> {
        self.poll_future(cx, finish, |end| Outcome(Some(end)))
    }
}

impl FutureProducer<WasmtimeStoreData> for Producer<Nothing> {
    type Item = Nothing;

    fn poll_produce(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        _store: StoreContextMut<'_, WasmtimeStoreData>,
        finish: bool,
    ) -> Poll<Result<Option<Nothing>>> {
        self.poll_future(cx, finish, |_| Nothing)
    }
}
