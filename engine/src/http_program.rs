//! Requests without a connection: the embedder sends them to a server of its own, or to a handler, and answers those
//! of connections and of guests itself.

use crate::ffi::*;
use crate::http_answer::Awaited;
use crate::http_handle::HttpContent;
use crate::http_message::*;
use crate::http_server::{tnengine_http_request_t, tnengine_http_server_t};
use crate::wasi_handle::tnengine_wasi_resource_t;
use hyper::http::Response;
use std::pin::Pin;
use std::task::Poll;
use wasmtime::format_err;
use wasmtime_wasi_http::WasiBody;

type Sending = Pin<Box<dyn Future<Output = Option<Response<WasiBody>>> + Send>>;

/// A request that was sent. Its client leaves if it is deleted before there is a response.
pub struct tnengine_http_sent_t {
    number: u64,
    /// None: it is over.
    response: Option<Sending>,
}

impl tnengine_http_sent_t {
    fn to_handler(number: u64, awaited: Awaited) -> Box<Self> {
        Box::new(Self {
            number,
            response: Some(Box::pin(async { Some(awaited.wait().await) })),
        })
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_server_send(
    server: &tnengine_http_server_t,
    message: Box<tnengine_http_message_t>,
    sent: &mut Option<Box<tnengine_http_sent_t>>,
) -> Failed {
    guard_error(|| {
        let (number, response) = server.send(message.into_request()?);
        *sent = Some(Box::new(tnengine_http_sent_t {
            number,
            response: Some(Box::pin(response)),
        }));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_sent_number(sent: &tnengine_http_sent_t) -> u64 {
    sent.number
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_sent_poll(
    sent: &mut tnengine_http_sent_t,
    waker: &tnengine_http_waker_t,
    message: &mut Option<Box<tnengine_http_message_t>>,
) -> u8 {
    let polled = poll_for(waker, |cx| match &mut sent.response {
        Some(response) => response.as_mut().poll(cx),
        None => Poll::Ready(None),
    });
    if let Ok(Poll::Pending) = polled {
        return TNENGINE_HTTP_WAITS;
    }
    sent.response = None;
    let Ok(Poll::Ready(Some(response))) = polled else {
        return TNENGINE_HTTP_BROKEN;
    };
    *message = Some(tnengine_http_message_t::of_response(response));
    TNENGINE_HTTP_DONE
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_sent_delete(sent: Box<tnengine_http_sent_t>) {
    let _ = guard(|| drop(sent));
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_request_poll_over(
    request: &tnengine_http_request_t,
    waker: &tnengine_http_waker_t,
) -> bool {
    let polled = poll_for(waker, |cx| request.answer.poll_over(cx));
    !matches!(polled, Ok(Poll::Pending))
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_request_take(
    request: &tnengine_http_request_t,
) -> Option<Box<tnengine_http_message_t>> {
    let taken = guard(|| request.take()).ok()??;
    Some(tnengine_http_message_t::of_request(taken.content))
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_request_answer(
    request: &tnengine_http_request_t,
    message: Box<tnengine_http_message_t>,
) -> Failed {
    guard_error(|| {
        request.answer.respond(message.into_response()?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_http_request_new(
    message: Box<tnengine_http_message_t>,
    origin: Option<&tnengine_http_request_t>,
    peer: &tnengine_slice_t<'_>,
    request: &mut Option<Box<tnengine_http_request_t>>,
    sent: &mut Option<Box<tnengine_http_sent_t>>,
) -> Failed {
    guard_error(|| {
        let content = message.into_request()?;
        let (made, awaited) = match origin {
            Some(origin) => origin.pass_on(content),
            None => tnengine_http_request_t::new(content, peer.text()?.to_string(), 0),
        };
        *sent = Some(tnengine_http_sent_t::to_handler(made.head.number, awaited));
        *request = Some(made);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_resource_read_request(
    resource: Box<tnengine_wasi_resource_t>,
    message: &mut Option<Box<tnengine_http_message_t>>,
) -> Failed {
    guard_error(|| {
        let request = resource.into_http()?.into_request()?;
        *message = Some(tnengine_http_message_t::of_request(request));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_resource_set_response(
    resource: Box<tnengine_wasi_resource_t>,
    message: Box<tnengine_http_message_t>,
) -> Failed {
    guard_error(|| {
        let send = resource.into_http()?.into_outparam();
        let send = send.ok_or_else(|| format_err!("the resource does not take a response"))?;
        send(Ok(message.into_response()?));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_resource_of_sent(
    sent: Box<tnengine_http_sent_t>,
    resource: &mut Option<Box<tnengine_wasi_resource_t>>,
) -> Failed {
    guard_error(|| {
        let response = sent.response.ok_or_else(|| format_err!("it is over"))?;
        let content = HttpContent::of_future(response);
        *resource = Some(tnengine_wasi_resource_t::of_http(content));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_wasi_resource_of_response(
    message: Box<tnengine_http_message_t>,
    resource: &mut Option<Box<tnengine_wasi_resource_t>>,
) -> Failed {
    guard_error(|| {
        let content = HttpContent::of_response(message.into_response()?);
        *resource = Some(tnengine_wasi_resource_t::of_http(content));
        Ok(())
    })
}
