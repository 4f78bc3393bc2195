//! A handler of WASI 0.2 that breaks rules of HTTP, for the advisories about wasi:http. Its paths are those of
//! http/rules03:
//!   /fields         what happens to fields that would let two readers disagree about where a message ends: a line each
//!   /no-body        declares 5 bytes, and has no body
//!   /short          declares 10 bytes, and writes 4
//!   /long           declares 4 bytes, and writes 10
//!   /forward        declares 4 bytes, and forwards the body of the request
//!   /trailers       the names of the trailers of the request; responds with trailers of the same names

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::*;
use wasip2::io::streams::InputStream;

wasip2::http::proxy::export!(Handler);

struct Handler;

/// Responds, and returns its body. length: as the response declares it.
fn respond(outparam: ResponseOutparam, length: Option<usize>) -> OutgoingBody {
    let fields = Fields::new();
    if let Some(length) = length {
        fields.set("content-length", &[length.to_string().into_bytes()]).unwrap();
    }
    let response = OutgoingResponse::new(fields);
    let body = response.body().unwrap();
    ResponseOutparam::set(outparam, Ok(response));
    body
}

fn write(body: &OutgoingBody, text: &str) {
    let _ = body.write().unwrap().blocking_write_and_flush(text.as_bytes());
}

fn finish(body: OutgoingBody, trailers: Option<Fields>) {
    let _ = OutgoingBody::finish(body, trailers);
}

fn forward(body: &OutgoingBody, from: &InputStream) {
    let to = body.write().unwrap();
    while to.blocking_splice(from, 1 << 16).is_ok() {}
}

fn try_fields() -> String {
    let length = |text: &str| ("content-length".to_owned(), text.as_bytes().to_vec());
    let appended = Fields::new();
    appended.append("content-length", b"4").unwrap();
    let tries = [
        ("append", appended.append("Content-Length", b"5")),
        ("set", Fields::new().set("content-length", &[b"4".to_vec(), b"5".to_vec()])),
        ("from-list", Fields::from_list(&[length("4"), length("5")]).map(drop)),
        ("sign", Fields::from_list(&[length("+4")]).map(drop)),
        ("transfer-encoding", Fields::new().set("transfer-encoding", &[b"chunked".to_vec()])),
        ("line break", Fields::new().set("x", &[b"a\r\ncontent-length: 4".to_vec()])),
    ];
    tries.iter().map(|(what, result)| format!("{what}: {result:?}\n")).collect()
}

fn read_trailers(body: IncomingBody) -> Option<Fields> {
    let stream = body.stream().unwrap();
    while stream.blocking_read(1 << 16).is_ok() {}
    drop(stream);
    let future = IncomingBody::finish(body);
    future.subscribe().block();
    future.get()?.ok()?.ok()?
}

fn names(fields: &Fields) -> String {
    fields.entries().iter().map(|(name, _)| format!("{name}\n")).collect()
}

impl Guest for Handler {
    fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
        match request.path_with_query().as_deref() {
            Some("/fields") => {
                let body = respond(outparam, None);
                write(&body, &try_fields());
                finish(body, None);
            }
            Some("/no-body") => {
                let fields = Fields::from_list(&[("content-length".to_owned(), b"5".to_vec())]).unwrap();
                ResponseOutparam::set(outparam, Ok(OutgoingResponse::new(fields)));
            }
            Some("/short") => {
                let body = respond(outparam, Some(10));
                write(&body, "1234");
                finish(body, None);
            }
            Some("/long") => {
                let body = respond(outparam, Some(4));
                write(&body, "1234567890");
                finish(body, None);
            }
            Some("/forward") => {
                let body = respond(outparam, Some(4));
                let consumed = request.consume().unwrap();
                forward(&body, &consumed.stream().unwrap());
                finish(body, None);
            }
            Some("/trailers") => {
                let trailers = read_trailers(request.consume().unwrap());
                let body = respond(outparam, None);
                write(&body, &trailers.as_ref().map(names).unwrap_or_default());
                finish(body, trailers);
            }
            _ => finish(respond(outparam, Some(0)), None),
        }
    }
}
