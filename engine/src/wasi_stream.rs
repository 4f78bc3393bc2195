//! Streams of WASI 0.2 that several stores have, each in its own table.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use tokio::sync::Mutex;
use wasmtime::component::{Resource, ResourceTable, ResourceTableError};
use wasmtime::{Error, Result, format_err};
use wasmtime_wasi::p2::pipe::{ClosedInputStream, ClosedOutputStream};
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::bytes::Bytes;

/// A stream that one store has, or that several have.
pub(crate) enum Held<S> {
    Alone(S),
    Shared(Lock<S>),
}

pub(crate) type Lock<S> = Arc<Mutex<S>>;

impl<S: Stream> Held<S> {
    pub(crate) fn share(&mut self) -> Lock<S> {
        let lock = match self {
            Held::Shared(lock) => return lock.clone(),
            Held::Alone(stream) => Arc::new(Mutex::new(std::mem::replace(stream, S::closed()))),
        };
        *self = Held::Shared(lock.clone());
        lock
    }
}

/// The entry of a stream that several stores have. A stream waits while another store waits for it,
/// and has nothing to read or no room to write meanwhile.
pub(crate) struct Shared<S>(Arc<Lock<S>>);

impl<S> Shared<S> {
    /// Whether no other store has the stream.
    fn is_last(&self) -> bool {
        Arc::<Mutex<S>>::strong_count(&self.0) == 1
    }
}

#[async_trait]
impl<S: Pollable> Pollable for Shared<S> {
    async fn ready(&mut self) {
        self.0.lock().await.ready().await;
    }
}

#[async_trait]
impl InputStream for Shared<DynInputStream> {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match self.0.try_lock() {
            Ok(mut stream) => stream.read(size),
            Err(_) => Ok(Bytes::new()),
        }
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.0.lock().await.blocking_read(size).await
    }

    fn skip(&mut self, count: usize) -> StreamResult<usize> {
        match self.0.try_lock() {
            Ok(mut stream) => stream.skip(count),
            Err(_) => Ok(0),
        }
    }

    async fn blocking_skip(&mut self, count: usize) -> StreamResult<usize> {
        self.0.lock().await.blocking_skip(count).await
    }

    async fn cancel(&mut self) {
        if self.is_last() {
            self.0.lock().await.cancel().await;
        }
    }
}

#[async_trait]
impl OutputStream for Shared<DynOutputStream> {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.try_stream()?.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.try_stream()?.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        match self.0.try_lock() {
            Ok(mut stream) => stream.check_write(),
            Err(_) => Ok(0),
        }
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.lock().await.blocking_write_and_flush(bytes).await
    }

    fn write_zeroes(&mut self, count: usize) -> StreamResult<()> {
        self.try_stream()?.write_zeroes(count)
    }

    async fn write_ready(&mut self) -> StreamResult<usize> {
        self.0.lock().await.write_ready().await
    }

    async fn cancel(&mut self) {
        if self.is_last() {
            self.0.lock().await.cancel().await;
        }
    }
}

impl Shared<DynOutputStream> {
    fn try_stream(&self) -> StreamResult<tokio::sync::MutexGuard<'_, DynOutputStream>> {
        self.0.try_lock().map_err(|_| {
            StreamError::LastOperationFailed(format_err!(
                "another domain that has the stream waits for it"
            ))
        })
    }
}

/// A type of streams, as entries of a table have it.
pub(crate) trait Stream: Pollable + Sized {
    fn closed() -> Self;
    fn of(shared: Shared<Self>) -> Self;
}

impl Stream for DynInputStream {
    fn closed() -> Self {
        Box::new(ClosedInputStream)
    }
    fn of(shared: Shared<Self>) -> Self {
        Box::new(shared)
    }
}

impl Stream for DynOutputStream {
    fn closed() -> Self {
        Box::new(ClosedOutputStream)
    }
    fn of(shared: Shared<Self>) -> Self {
        Box::new(shared)
    }
}

/// The shared streams of one table by rep, since an entry does not reveal the type of its stream.
/// An entry alone owns its `Shared`, so a weak reference to that ends with the entry, and a rep that
/// is used again is not mistaken.
pub(crate) struct SharedStreams<S>(HashMap<u32, Weak<Lock<S>>>);

impl<S> Default for SharedStreams<S> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<S: Stream> SharedStreams<S> {
    fn find(&self, rep: u32) -> Option<Lock<S>> {
        let shared = self.0.get(&rep)?.upgrade()?;
        Some(Lock::clone(&shared))
    }

    fn entry(&mut self, lock: Lock<S>) -> (S, Weak<Lock<S>>) {
        let shared = Arc::new(lock);
        let reference = Arc::downgrade(&shared);
        (S::of(Shared(shared)), reference)
    }

    pub(crate) fn share(&mut self, table: &mut ResourceTable, rep: u32) -> Result<Lock<S>> {
        if let Some(lock) = self.find(rep) {
            return Ok(lock);
        }
        let entry = table.get_mut(&Resource::<S>::new_borrow(rep))?;
        let lock = Arc::new(Mutex::new(std::mem::replace(entry, S::closed())));
        let (stream, reference) = self.entry(lock.clone());
        *entry = stream;
        self.0.insert(rep, reference);
        Ok(lock)
    }

    pub(crate) fn take(&mut self, table: &mut ResourceTable, rep: u32) -> Result<Held<S>> {
        let lock = self.find(rep);
        let stream = table
            .delete(Resource::<S>::new_own(rep))
            .map_err(explain_children)?;
        self.0.remove(&rep);
        Ok(lock.map_or_else(|| Held::Alone(stream), Held::Shared))
    }

    pub(crate) fn put(
        &mut self,
        table: &mut ResourceTable,
        stream: Held<S>,
    ) -> Result<Resource<S>> {
        match stream {
            Held::Alone(stream) => Ok(table.push(stream)?),
            Held::Shared(lock) => {
                let (stream, reference) = self.entry(lock);
                let resource = table.push(stream)?;
                self.0.insert(resource.rep(), reference);
                Ok(resource)
            }
        }
    }
}

fn explain_children(error: ResourceTableError) -> Error {
    match error {
        ResourceTableError::HasChildren => {
            format_err!("pollables of it are alive: drop them first")
        }
        error => error.into(),
    }
}
