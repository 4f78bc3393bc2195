//! Responses of the embedder: a status, fields, and a body from memory or from a part of a file.

use crate::ffi::*;
use crate::http_message::{empty_body, full_body};
use crate::http_server::tnengine_http_request_t;
use crate::http_turnstile::Permit;
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderName, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use hyper::http::{HeaderMap, HeaderValue, Response, StatusCode};
use std::fs::File;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::task::{JoinHandle, spawn_blocking};
use wasmtime::{Result, bail, format_err};
use wasmtime_wasi_http::{Error as HttpError, WasiBody};

/// The most bytes of a file that are read at once.
const PART_BYTES: u64 = 128 << 10;

#[repr(C)]
pub struct tnengine_http_field_t<'a> {
    name: tnengine_slice_t<'a>,
    value: tnengine_slice_t<'a>,
}

#[repr(C)]
pub struct tnengine_http_response_t<'a> {
    fields: *const tnengine_http_field_t<'a>,
    field_count: usize,
    body: tnengine_slice_t<'a>,
    offset: u64,
    size: u64,
    file: i32,
    status: u16,
}

/// Fields that say how the connection passes the body. The server writes them.
pub(crate) fn is_own_field(name: &HeaderName) -> bool {
    [
        CONNECTION,
        CONTENT_LENGTH,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ]
    .contains(name)
        || matches!(name.as_str(), "keep-alive" | "proxy-connection")
}

/// SAFETY: `fields` are `count` fields.
pub(crate) unsafe fn read_fields(
    fields: *const tnengine_http_field_t<'_>,
    count: usize,
) -> Result<HeaderMap> {
    // SAFETY: as for the function.
    let fields = unsafe { list_of(fields, count) };
    let mut read = HeaderMap::new();
    for field in fields {
        let name = HeaderName::from_bytes(field.name.bytes())
            .map_err(|_| format_err!("the name of a field is not valid"))?;
        let value = HeaderValue::from_bytes(field.value.bytes())
            .map_err(|_| format_err!("the value of the field `{name}` is not valid"))?;
        read.try_append(name, value)
            .map_err(|_| format_err!("there are too many fields"))?;
    }
    Ok(read)
}

/// A part of a file, which is read when the connection can send more. The connection ends if the file has
/// become shorter.
struct FileBody {
    file: Arc<File>,
    offset: u64,
    left: u64,
    reading: Option<JoinHandle<io::Result<Vec<u8>>>>,
    /// Of the request, so that the files of a queue that are open have a limit.
    _permit: Option<Permit>,
}

fn read_part(file: &File, offset: u64, size: usize) -> io::Result<Vec<u8>> {
    let mut part = vec![0; size];
    file.read_exact_at(&mut part, offset)?;
    Ok(part)
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(None);
        }
        let reading = this.reading.get_or_insert_with(|| {
            let (file, offset) = (this.file.clone(), this.offset);
            let size = this.left.min(PART_BYTES) as usize;
            spawn_blocking(move || read_part(&file, offset, size))
        });
        let read = ready!(Pin::new(reading).poll(cx));
        this.reading = None;
        let Ok(Ok(part)) = read else {
            this.left = 0;
            return Poll::Ready(Some(Err(HttpError::HttpResponseIncomplete)));
        };
        this.offset += part.len() as u64;
        this.left -= part.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(part.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// The response to the same request with the method HEAD.
pub(crate) fn without_body(mut response: Response<WasiBody>) -> Response<WasiBody> {
    if let Some(size) = response.body().size_hint().exact() {
        let length = HeaderValue::from(size);
        response
            .headers_mut()
            .entry(CONTENT_LENGTH)
            .or_insert(length);
    }
    response.map(|_| empty_body())
}

fn make_response(
    given: &tnengine_http_response_t<'_>,
    file: Option<File>,
    permit: Option<Permit>,
) -> Result<Response<WasiBody>> {
    let status = StatusCode::from_u16(given.status)?;
    if status.is_informational() {
        bail!("the status of a response is 200 or more");
    }
    let has_body = status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED;
    let mut response = Response::new(match file {
        _ if !has_body => empty_body(),
        Some(file) => FileBody {
            file: Arc::new(file),
            offset: given.offset,
            left: given.size,
            reading: None,
            _permit: permit,
        }
        .boxed_unsync(),
        None => full_body(given.body.bytes()),
    });
    *response.status_mut() = status;
    // SAFETY: the header requires `field_count` fields.
    let fields = unsafe { read_fields(given.fields, given.field_count) }?;
    if let Some(name) = fields.keys().find(|name| is_own_field(name)) {
        bail!("the server itself writes the field `{name}`");
    }
    *response.headers_mut() = fields;
    Ok(response)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tnengine_http_request_respond(
    request: &tnengine_http_request_t,
    response: &tnengine_http_response_t<'_>,
) -> Failed {
    let file = (response.file >= 0).then(|| {
        // SAFETY: the header requires a descriptor of the caller's, which it gives away.
        File::from(unsafe { OwnedFd::from_raw_fd(response.file) })
    });
    guard_error(|| {
        let permit = file.as_ref().and_then(|_| request.take_permit());
        request
            .answer
            .respond(make_response(response, file, permit)?);
        Ok(())
    })
}
