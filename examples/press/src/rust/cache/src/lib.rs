//! cache: middleware for `press:web/handler`. Keeps the answers to GET in `press:kv/store` and
//! forgets all of them at any other request, because a write may change more than its own path.
//! The header `x-cache` says `hit` or `miss`.

wit_bindgen::generate!({ path: "../../../wit", world: "press:web/caching", generate_all });
use exports::press::web::handler::Guest;
use press::kv::store::{Bucket, Entry};
use press::web::handler as next;
use press::web::types::{Error, Method, Request, Response};

/// A cache entry: the content type, a line feed, the body.
fn pack(response: &Response) -> Vec<u8> {
    let kind = response.headers.iter().find(|header| header.0 == "content-type");
    [kind.map_or("", |header| &header.1).as_bytes(), b"\n", &response.body].concat()
}

fn unpack(kept: &Entry) -> Response {
    let end = kept.value.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let mut headers = vec![("x-cache".to_string(), format!("hit {}", kept.revision))];
    if end > 0 {
        let kind = String::from_utf8_lossy(&kept.value[..end]).into_owned();
        headers.push(("content-type".to_string(), kind));
    }
    Response { status: 200, headers, body: kept.value[end + 1..].to_vec() }
}

struct Cache;

impl Guest for Cache {
    fn handle(req: Request) -> Result<Response, Error> {
        let responses = Bucket::new("responses");
        if req.method != Method::Get {
            for path in responses.keys("") {
                responses.remove(&path);
            }
            return next::handle(&req);
        }
        if let Some(kept) = responses.get(&req.path) {
            return Ok(unpack(&kept));
        }
        let mut response = next::handle(&req)?;
        if response.status == 200 {
            let _ = responses.set(&req.path, &pack(&response));
            response.headers.push(("x-cache".to_string(), "miss".to_string()));
        }
        Ok(response)
    }
}

export!(Cache);
