//! gateway03: the same as gateway02 for WASI 0.3. Both bodies pass at the same time.

wit_bindgen::generate!({
    path: ["../../wit/wasi-0.3.0/clocks.wit", "../../wit/wasi-0.3.0/http.wit", "../wit"],
    world: "tests:gateway/gateway",
    generate_all,
});
use exports::wasi::http::handler::Guest;
use wasi::http::client;
use wasi::http::types::{ErrorCode, Fields, Request, RequestOptions, Response, Scheme};
use wit_bindgen::spawn_local;

struct Gateway;

fn find(fields: &[(String, Vec<u8>)], name: &str) -> Option<String> {
    let (_, value) = fields.iter().find(|(field, _)| field == name)?;
    String::from_utf8(value.clone()).ok()
}

fn options(fields: &[(String, Vec<u8>)]) -> RequestOptions {
    let options = RequestOptions::new();
    let time = |name| Some(find(fields, name)?.parse::<u64>().ok()? * 1_000_000);
    let _ = options.set_connect_timeout(time("x-connect"));
    let _ = options.set_first_byte_timeout(time("x-first-byte"));
    let _ = options.set_between_bytes_timeout(time("x-between"));
    options
}

fn prepare(request: Request) -> Option<Request> {
    let fields = request.get_headers().copy_all();
    let target = find(&fields, "x-target")?;
    let (scheme, rest) = target.split_once("://")?;
    let slash = rest.find('/').unwrap_or(rest.len());
    let headers = Fields::new();
    for (name, value) in &fields {
        if let Some(name) = name.strip_prefix("x-send-") {
            headers.append(name, value).ok()?;
        }
    }
    let method = request.get_method();
    let (done, passed) = wit_future::new(|| Ok(()));
    let (body, trailers) = Request::consume_body(request, passed);
    let options = options(&fields);
    let (sent, result) = Request::new(headers, Some(body), trailers, Some(options));
    spawn_local(async move {
        let _ = done.write(result.await).await;
    });
    sent.set_method(&method).ok()?;
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    sent.set_scheme(Some(&scheme)).ok()?;
    sent.set_authority(Some(&rest[..slash])).ok()?;
    sent.set_path_with_query(Some(&rest[slash..])).ok()?;
    Some(sent)
}

fn explain(error: ErrorCode) -> Response {
    let (mut writer, reader) = wit_stream::new();
    let (trailers, no_trailers) = wit_future::new(|| Ok(None));
    spawn_local(async move {
        writer.write_all(format!("{error:?}\n").into_bytes()).await;
        drop(writer);
        let _ = trailers.write(Ok(None)).await;
    });
    let (response, _) = Response::new(Fields::new(), Some(reader), no_trailers);
    response.set_status_code(502).expect("a status");
    response
}

impl Guest for Gateway {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let sent = match prepare(request) {
            Some(sent) => client::send(sent).await,
            None => Err(ErrorCode::HttpRequestUriInvalid),
        };
        Ok(sent.unwrap_or_else(explain))
    }
}

export!(Gateway);
