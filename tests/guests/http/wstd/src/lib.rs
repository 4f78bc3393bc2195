//! A handler of WASI 0.2, made with wstd. Its paths are those of http/wasip3:
//!   /           a line of text
//!   /echo       the body and the trailers of the request, in parts as they come
//!   /headers    the fields of the request, as fields of the response
//!   /wait       a line, after 300 ms
//!   /parts      five lines, 50 ms between them
//!   /fail       an error in place of a response; /fail-body: after the fields of the response
//! and 404 for all others.

use anyhow::{Result, anyhow};
use futures_lite::stream::{once_future, unfold};
use http_body_util::StreamBody;
use std::convert::Infallible;
use wstd::http::body::{Bytes, Frame};
use wstd::http::{Body, Error, Request, Response, StatusCode};
use wstd::time::Duration;

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    match request.uri().path() {
        "/" => Ok(Response::new("hello from wstd\n".to_owned().into())),
        "/echo" => Ok(Response::new(request.into_body())),
        "/headers" => {
            let mut response = Response::new(Body::empty());
            *response.headers_mut() = request.into_parts().0.headers;
            response.headers_mut().remove("content-length");
            Ok(response)
        }
        "/wait" => {
            wstd::task::sleep(Duration::from_millis(300)).await;
            Ok(Response::new("waited\n".to_owned().into()))
        }
        "/parts" => Ok(Response::new(Body::from_try_stream(unfold(0, async |sent| {
            if sent == 5 {
                return None;
            }
            wstd::task::sleep(Duration::from_millis(50)).await;
            Some((Ok::<_, Infallible>(Bytes::from(format!("part {sent}\n"))), sent + 1))
        })))),
        "/fail" => Err(anyhow!("no response today")),
        "/fail-body" => {
            let body = once_future(async { Err::<Frame<Bytes>, _>(anyhow!("no body today")) });
            Ok(Response::new(Body::from_http_body(StreamBody::new(body))))
        }
        _ => Ok(Response::builder().status(StatusCode::NOT_FOUND).body(Body::empty())?),
    }
}
