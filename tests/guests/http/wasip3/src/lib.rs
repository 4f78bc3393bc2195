//! A handler of WASI 0.3, made with the crate wasip3. Its paths are those of http/wstd, and `/after`, which goes on
//! after its response.

use bytes::Bytes;
use futures::stream::{once, unfold};
use http::{Response, StatusCode};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use wasip3::clocks::monotonic_clock::wait_for;
use wasip3::http::types::{self, ErrorCode};
use wasip3::http_compat::{Request, http_from_wasi_request, http_into_wasi_response};

type Body = UnsyncBoxBody<Bytes, ErrorCode>;

const MILLISECOND: u64 = 1_000_000;

wasip3::http::service::export!(Handler);

struct Handler;

impl wasip3::exports::http::handler::Guest for Handler {
    async fn handle(request: types::Request) -> Result<types::Response, ErrorCode> {
        http_into_wasi_response(answer(http_from_wasi_request(request)?).await?)
    }
}

fn text(line: &'static str) -> Body {
    Full::from(line).map_err(|never| match never {}).boxed_unsync()
}

fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

fn error(why: &str) -> ErrorCode {
    ErrorCode::InternalError(Some(why.to_owned()))
}

async fn answer(request: Request) -> Result<Response<Body>, ErrorCode> {
    match request.uri().path() {
        "/" => Ok(Response::new(text("hello from wasip3\n"))),
        "/echo" => Ok(Response::new(request.into_body().boxed_unsync())),
        "/headers" => {
            let mut response = Response::new(empty());
            *response.headers_mut() = request.into_parts().0.headers;
            response.headers_mut().remove("content-length");
            Ok(response)
        }
        "/wait" => {
            wait_for(300 * MILLISECOND).await;
            Ok(Response::new(text("waited\n")))
        }
        "/parts" => Ok(Response::new(BodyExt::boxed_unsync(StreamBody::new(unfold(0, async |sent| {
            if sent == 5 {
                return None;
            }
            wait_for(50 * MILLISECOND).await;
            Some((Ok(Frame::data(Bytes::from(format!("part {sent}\n")))), sent + 1))
        }))))),
        "/after" => {
            wasip3::spawn_local(async {
                wait_for(500 * MILLISECOND).await;
                eprintln!("after the response");
            });
            Ok(Response::new(text("answered\n")))
        }
        "/fail" => Err(error("no response today")),
        "/fail-body" => {
            let body = once(async { Err::<Frame<Bytes>, _>(error("no body today")) });
            Ok(Response::new(BodyExt::boxed_unsync(StreamBody::new(body))))
        }
        _ => {
            let mut response = Response::new(empty());
            *response.status_mut() = StatusCode::NOT_FOUND;
            Ok(response)
        }
    }
}
