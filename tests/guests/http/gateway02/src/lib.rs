//! gateway02: passes each request on to the URL in its field `x-target`, and the response back; WASI 0.2.
//!
//! The fields `x-connect`, `x-first-byte` and `x-between` set timeouts in milliseconds, and `x-send-NAME` becomes
//! NAME. The body is sent before the response is read. If the request fails, the answer is 502 with the error.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::outgoing_handler;
use wasip2::http::types::*;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

struct Gateway;

const PART: u64 = 64 * 1024;

fn find(fields: &[(String, Vec<u8>)], name: &str) -> Option<String> {
    let (_, value) = fields.iter().find(|(field, _)| field == name)?;
    String::from_utf8(value.clone()).ok()
}

/// Moves everything. An output that is closed takes no more.
fn pump(from: &InputStream, to: &OutputStream) -> Result<(), StreamError> {
    loop {
        match from.blocking_read(PART) {
            Ok(bytes) => {
                for part in bytes.chunks(4096) {
                    to.blocking_write_and_flush(part)?;
                }
            }
            Err(StreamError::Closed) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

fn options(fields: &[(String, Vec<u8>)]) -> RequestOptions {
    let options = RequestOptions::new();
    let time = |name| Some(find(fields, name)?.parse::<u64>().ok()? * 1_000_000);
    let _ = options.set_connect_timeout(time("x-connect"));
    let _ = options.set_first_byte_timeout(time("x-first-byte"));
    let _ = options.set_between_bytes_timeout(time("x-between"));
    options
}

fn prepare(request: &IncomingRequest, fields: &[(String, Vec<u8>)]) -> Option<OutgoingRequest> {
    let target = find(fields, "x-target")?;
    let (scheme, rest) = target.split_once("://")?;
    let slash = rest.find('/').unwrap_or(rest.len());
    let headers = Fields::new();
    for (name, value) in fields {
        if let Some(name) = name.strip_prefix("x-send-") {
            headers.append(name, value).ok()?;
        }
    }
    let sent = OutgoingRequest::new(headers);
    sent.set_method(&request.method()).ok()?;
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    sent.set_scheme(Some(&scheme)).ok()?;
    sent.set_authority(Some(&rest[..slash])).ok()?;
    sent.set_path_with_query(Some(&rest[slash..])).ok()?;
    Some(sent)
}

fn send(request: IncomingRequest) -> Result<IncomingResponse, ErrorCode> {
    let fields = request.headers().entries();
    let sent = prepare(&request, &fields).ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let body = sent.body().expect("the body is taken once");
    let answer = outgoing_handler::handle(sent, Some(options(&fields)))?;
    let incoming = request.consume().expect("the body is read once");
    let pumped = {
        let from = incoming.stream().expect("its stream is taken once");
        let to = body.write().expect("its stream is taken once");
        pump(&from, &to)
    };
    // The reason of a failure is in the response.
    if pumped.is_ok() {
        let _ = OutgoingBody::finish(body, None);
    } else {
        drop(body);
    }
    answer.subscribe().block();
    answer.get().expect("it is ready").expect("it is taken once")
}

fn respond(out: ResponseOutparam, status: u16, fields: Fields) -> OutgoingBody {
    let response = OutgoingResponse::new(fields);
    response.set_status_code(status).expect("a status");
    let body = response.body().expect("the body is taken once");
    ResponseOutparam::set(out, Ok(response));
    body
}

impl Guest for Gateway {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let response = match send(request) {
            Ok(response) => response,
            Err(error) => {
                let body = respond(out, 502, Fields::new());
                let text = format!("{error:?}\n");
                let to = body.write().expect("its stream is taken once");
                to.blocking_write_and_flush(text.as_bytes()).expect("a client that reads");
                drop(to);
                let _ = OutgoingBody::finish(body, None);
                return;
            }
        };
        let fields = Fields::new();
        for (name, value) in response.headers().entries() {
            if name.starts_with("x-") || name == "location" || name == "trailer" {
                fields.append(&name, &value).expect("a field");
            }
        }
        let body = respond(out, response.status(), fields);
        let incoming = response.consume().expect("the body is read once");
        {
            let from = incoming.stream().expect("its stream is taken once");
            let to = body.write().expect("its stream is taken once");
            pump(&from, &to).expect("a body that does not fail");
        }
        let trailers = IncomingBody::finish(incoming);
        trailers.subscribe().block();
        let trailers = trailers.get().expect("they are ready").expect("they are taken once");
        let trailers = trailers.ok().flatten().map(|fields| fields.clone());
        OutgoingBody::finish(body, trailers).expect("a whole body");
    }
}

wasip2::http::proxy::export!(Gateway);
