//! Output of guests with a label before each line, such as the number of the request that they answer.
//!
//! A line is written when it is complete, in one piece, so that lines of several stores do not mix. The
//! rest of a line is written when the label changes.

use crate::event_loop::lock;
use crate::ffi::*;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::bytes::Bytes;

/// A longer line is written as several.
const LONGEST_LINE: usize = 8 * 1024;

/// Number of bytes that a guest can write in one call.
const CHUNK: usize = 64 * 1024;

#[derive(Clone, Copy)]
pub(crate) enum Standard {
    Output,
    Error,
}

impl Standard {
    fn write(self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Standard::Output => {
                let mut output = io::stdout().lock();
                output.write_all(bytes)?;
                output.flush()
            }
            Standard::Error => io::stderr().write_all(bytes),
        }
    }
}

#[derive(Default)]
struct Label {
    text: Vec<u8>,
    /// The incomplete lines of standard output and error.
    lines: [Vec<u8>; 2],
}

impl Label {
    fn write(&mut self, to: Standard, bytes: &[u8]) -> io::Result<()> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            for piece in part.chunks(LONGEST_LINE) {
                let line = &mut self.lines[to as usize];
                line.extend_from_slice(piece);
                if line.ends_with(b"\n") || line.len() >= LONGEST_LINE {
                    self.end_line(to)?;
                }
            }
        }
        Ok(())
    }

    fn end_line(&mut self, to: Standard) -> io::Result<()> {
        let line = std::mem::take(&mut self.lines[to as usize]);
        if line.is_empty() {
            return Ok(());
        }
        let mut text = [&self.text[..], &line].concat();
        if !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        to.write(&text)
    }
}

/// The label of the output of a domain, and of its stores.
#[derive(Clone, Default)]
pub struct tnengine_label_t(Arc<Mutex<Label>>);

/// One of the two streams of a store.
#[derive(Clone)]
pub(crate) struct LabelledOutput {
    pub(crate) label: tnengine_label_t,
    pub(crate) to: Standard,
}

impl LabelledOutput {
    fn put(&self, bytes: &[u8]) -> io::Result<()> {
        lock(&self.label.0).write(self.to, bytes)
    }
}

impl IsTerminal for LabelledOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LabelledOutput {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl Pollable for LabelledOutput {
    async fn ready(&mut self) {}
}

impl OutputStream for LabelledOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let written = self.put(&bytes);
        written.map_err(|error| StreamError::LastOperationFailed(error.into()))
    }
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }
    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

impl AsyncWrite for LabelledOutput {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.put(bytes).map(|()| bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_label_new() -> Box<tnengine_label_t> {
    Box::default()
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_label_delete(_label: Box<tnengine_label_t>) {}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_label_set(label: &tnengine_label_t, text: &tnengine_slice_t<'_>) {
    let _ = guard(|| {
        let mut label = lock(&label.0);
        // A line that cannot be written is lost, as its guest is told of those before.
        let _ = label.end_line(Standard::Output);
        let _ = label.end_line(Standard::Error);
        label.text = text.bytes().to_vec();
    });
}
