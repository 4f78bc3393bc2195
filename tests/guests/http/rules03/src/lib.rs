//! A handler of WASI 0.3 that breaks rules of HTTP, for the advisories about wasi:http. Its paths are those of
//! http/rules02.

use wasip3::http::types::{ErrorCode, Fields, Request, Response};
use wasip3::wit_bindgen::{FutureReader, StreamReader, spawn_local};
use wasip3::{wit_future, wit_stream};

wasip3::http::service::export!(Handler);

struct Handler;

type Trailers = FutureReader<Result<Option<Fields>, ErrorCode>>;

/// length: as the response declares it.
fn respond(length: Option<usize>, body: Option<StreamReader<u8>>, trailers: Trailers) -> Response {
    let fields = Fields::new();
    if let Some(length) = length {
        fields.set("content-length", &[length.to_string().into_bytes()]).unwrap();
    }
    Response::new(fields, body, trailers).0
}

fn no_trailers() -> Trailers {
    wit_future::new(|| Ok(None)).1
}

fn write(text: String) -> StreamReader<u8> {
    let (mut writer, reader) = wit_stream::new();
    spawn_local(async move {
        writer.write_all(text.into_bytes()).await;
    });
    reader
}

fn consume(request: Request) -> (StreamReader<u8>, Trailers) {
    Request::consume_body(request, wit_future::new(|| Ok(())).1)
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

fn names(fields: &Fields) -> String {
    fields.copy_all().iter().map(|(name, _)| format!("{name}\n")).collect()
}

async fn echo_trailers(request: Request) -> Response {
    let (stream, trailers) = consume(request);
    stream.collect().await;
    let trailers = trailers.await.ok().flatten();
    let text = trailers.as_ref().map(names).unwrap_or_default();
    let (writer, reader) = wit_future::new(|| Ok(None));
    spawn_local(async move {
        let _ = writer.write(Ok(trailers)).await;
    });
    respond(None, Some(write(text)), reader)
}

impl wasip3::exports::http::handler::Guest for Handler {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        Ok(match request.get_path_with_query().as_deref() {
            Some("/fields") => respond(None, Some(write(try_fields())), no_trailers()),
            Some("/no-body") => respond(Some(5), None, no_trailers()),
            Some("/short") => respond(Some(10), Some(write("1234".to_owned())), no_trailers()),
            Some("/long") => respond(Some(4), Some(write("1234567890".to_owned())), no_trailers()),
            // The host recognizes its own stream, and forwards the body without the guest.
            Some("/forward") => respond(Some(4), Some(consume(request).0), no_trailers()),
            Some("/trailers") => echo_trailers(request).await,
            _ => respond(Some(0), None, no_trailers()),
        })
    }
}
