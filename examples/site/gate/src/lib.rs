//! gate: answers HTTP requests (`wasi:http/incoming-handler`) with the press (`press:web/handler`).
//!
//! GET and HEAD read a page, PUT and DELETE change one. A page that the press renders becomes a document with a title,
//! an icon and a style sheet (files of `/public`, which come from a folder), and its list of pages becomes links.
//! Changes need the token of the variable SITE_TOKEN, and a name that can be read again.

wit_bindgen::generate!({
    inline: "package site:gate; world gate { import press:web/handler@1.0.0; }",
    path: "../../press/wit",
    world: "site:gate/gate",
    generate_all,
});
use press::web::handler::handle;
use press::web::types as press_web;
use wasip2::http::types::{
    Fields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::StreamError;

const MOST_BYTES: usize = 1 << 20; // of a page
const PART: usize = 4096; // of a body that is written

type Answer = press_web::Response;

fn plain(status: u16, text: &str) -> Answer {
    let kind = ("content-type".to_owned(), "text/plain; charset=utf-8".to_owned());
    Answer { status, headers: vec![kind], body: format!("{text}\n").into_bytes() }
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// The path of a URL for this name of a page.
fn encode(name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The path without a query, decoded. None: it is not a text.
fn decode(target: &str) -> Option<String> {
    let path = target.split('?').next()?.as_bytes();
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < path.len() {
        if path[at] == b'%' {
            let digits = std::str::from_utf8(path.get(at + 1..at + 3)?).ok()?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            decoded.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            decoded.push(path[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).ok()
}

fn document(title: &str, body: &str) -> Vec<u8> {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"/public/icon.svg\">\n<link rel=\"stylesheet\" href=\"/public/style.css\">\n\
         <nav><a href=\"/\">All pages</a></nav>\n<main>\n{body}</main>\n</html>\n"
    )
    .into_bytes()
}

fn list_pages(names: &str) -> String {
    let item = |name: &str| format!("<li><a href=\"/{}\">{}</a></li>\n", encode(name), escape(name));
    format!("<h1>Pages</h1>\n<ul>\n{}</ul>\n", names.lines().map(item).collect::<String>())
}

/// Makes a document of what the press answered to a GET of this path.
fn dress(path: &str, answer: &mut Answer) {
    let name = path.trim_start_matches('/');
    let text = String::from_utf8_lossy(&answer.body);
    let is_html = answer.headers.iter().any(|(field, value)| field == "content-type" && value == "text/html");
    let body = match answer.status {
        200 if name.is_empty() => list_pages(&text),
        200 if is_html => text.into_owned(),
        404 => "<h1>No such page</h1>\n".to_owned(),
        _ => return,
    };
    answer.body = document(if name.is_empty() { "Pages" } else { name }, &body);
    answer.headers.retain(|(field, _)| field != "content-type");
    answer.headers.push(("content-type".to_owned(), "text/html; charset=utf-8".to_owned()));
}

/// Whether a path can name a page. What is below `/public` is files, and the server takes `/a//b`, `/a/./b` and `/a/../b`
/// for other paths: a page of such a name could be written, but not read.
fn is_page(path: &str) -> bool {
    let mut segments = path.split('/').skip(1);
    segments.clone().all(|segment| !matches!(segment, "" | "." | "..")) && segments.next() != Some("public")
}

/// Whether a request may change pages. It takes the same time for every wrong token of the same length.
fn is_trusted(request: &IncomingRequest) -> bool {
    let Ok(token) = std::env::var("SITE_TOKEN") else {
        return false;
    };
    let expected = format!("Bearer {token}").into_bytes();
    let given = request.headers().get("authorization");
    given.len() == 1
        && given[0].len() == expected.len()
        && given[0].iter().zip(&expected).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}

/// Err: the answer to a body that cannot be read.
fn read_body(request: &IncomingRequest) -> Result<Vec<u8>, Answer> {
    let failed = |_| plain(400, "the body cannot be read");
    let body: IncomingBody = request.consume().map_err(|()| plain(400, "there is no body"))?;
    let stream = body.stream().map_err(|()| plain(400, "there is no body"))?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(part) => bytes.extend(part),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(error) => return Err(failed(error)),
        }
        if bytes.len() > MOST_BYTES {
            return Err(plain(413, "a page has at most 1 MiB"));
        }
    }
}

fn ask(method: press_web::Method, path: String, body: Vec<u8>) -> Answer {
    let headers = Vec::new();
    let changes = method != press_web::Method::Get;
    match handle(&press_web::Request { method, path: path.clone(), headers, body }) {
        Ok(answer) if changes => answer,
        Ok(mut answer) => {
            dress(&path, &mut answer);
            answer
        }
        Err(press_web::Error::Timeout) => plain(504, "the press did not answer in time"),
        Err(press_web::Error::Refused(why)) => plain(422, &why),
        Err(press_web::Error::Status(status)) => plain(status, "the press refused the request"),
    }
}

fn answer(request: &IncomingRequest) -> Answer {
    let target = request.path_with_query().unwrap_or_default();
    let Some(path) = decode(&target).filter(|path| !path.contains('\n')) else {
        return plain(400, "the path is not a text");
    };
    let method = match request.method() {
        Method::Get | Method::Head => press_web::Method::Get,
        Method::Put => press_web::Method::Put,
        Method::Delete => press_web::Method::Delete,
        _ => {
            let mut refused = plain(405, "pages know GET, HEAD, PUT and DELETE");
            refused.headers.push(("allow".to_owned(), "GET, HEAD, PUT, DELETE".to_owned()));
            return refused;
        }
    };
    if method == press_web::Method::Get {
        return ask(method, path, Vec::new());
    }
    if !is_trusted(request) {
        return plain(403, "changes need the token of the site: authorization: Bearer TOKEN");
    }
    if !is_page(&path) {
        return plain(400, "a page cannot have this name");
    }
    match read_body(request) {
        Ok(body) => ask(method, path, body),
        Err(refused) => refused,
    }
}

/// The length tells clients where the answer ends, also of HEAD, which has no body.
fn respond(outparam: ResponseOutparam, answer: Answer, has_body: bool) {
    let fields = Fields::new();
    for (name, value) in &answer.headers {
        // A unit behind this one can have made a field that HTTP does not allow.
        let _ = fields.append(name, value.as_bytes());
    }
    if answer.status != 204 {
        let _ = fields.set("content-length", &[answer.body.len().to_string().into_bytes()]);
    }
    let response = OutgoingResponse::new(fields);
    let _ = response.set_status_code(answer.status);
    let body = response.body().expect("the body of a new response");
    ResponseOutparam::set(outparam, Ok(response));
    if has_body {
        let stream = body.write().expect("the stream of a new body");
        for part in answer.body.chunks(PART) {
            if stream.blocking_write_and_flush(part).is_err() {
                return; // the client has left
            }
        }
    }
    let _ = OutgoingBody::finish(body, None);
}

struct Gate;

impl wasip2::exports::http::incoming_handler::Guest for Gate {
    fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
        let has_body = !matches!(request.method(), Method::Head);
        respond(outparam, answer(&request), has_body);
    }
}

wasip2::http::proxy::export!(Gate);
