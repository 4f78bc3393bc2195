//! site: the application behind the middleware. PUT stores a page of Markdown, GET renders it,
//! DELETE removes it; `/-/backup` reads and writes all pages.
//!
//! The bucket that it passes to `press:kv/backup` comes from `press:kv/store`: both must be linked
//! to the same store.

wit_bindgen::generate!({ path: "../../../wit", world: "press:web/site", generate_all });
use exports::press::web::handler::Guest;
use press::kv::backup;
use press::kv::store::{Bucket, copy};
use press::text::markdown::{Extensions, render};
use press::web::types::{Error, Method, Request, Response};

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Response {
    Response { status, headers: vec![("server".into(), "press".into())], body: body.into() }
}

/// GET returns every page as one backup; other methods read a backup and add its pages.
fn handle_backup(pages: &Bucket, req: Request) -> Result<Response, Error> {
    if req.method == Method::Get {
        return Ok(answer(200, backup::snapshot(pages)));
    }
    match backup::restore("restored", &req.body) {
        Ok(restored) => Ok(answer(200, copy(&restored, pages).to_string())),
        Err(why) => Err(Error::Refused(why.to_string())),
    }
}

fn render_page(name: &str, source: Vec<u8>) -> Result<Response, Error> {
    let source = String::from_utf8(source).map_err(|_| Error::Status(415))?;
    let enabled = Extensions::TABLES | Extensions::STRIKETHROUGH | Extensions::HIGHLIGHT;
    let document = render(&source, enabled);
    let headings = document.headings.len();
    eprintln!("rendered {name}: {} words, {headings} headings", document.words);
    let mut response = answer(200, document.html);
    response.headers.push(("content-type".into(), "text/html".into()));
    for language in document.unhighlighted {
        response.headers.push(("x-unhighlighted".into(), language));
    }
    Ok(response)
}

struct Site;

impl Guest for Site {
    fn handle(req: Request) -> Result<Response, Error> {
        let pages = Bucket::new("pages");
        let name = req.path.trim_start_matches('/');
        if name == "-/backup" {
            return handle_backup(&pages, req);
        }
        match req.method {
            Method::Get if name.is_empty() => Ok(answer(200, pages.keys("").join("\n"))),
            Method::Get => match pages.get(name) {
                Some(page) => render_page(name, page.value),
                None => Ok(answer(404, "no such page")),
            },
            Method::Put => match pages.set(name, &req.body) {
                Ok(revision) => Ok(answer(201, revision.to_string())),
                Err(why) => Err(Error::Refused(why.to_string())),
            },
            Method::Delete if pages.remove(name) => Ok(answer(204, "")),
            Method::Delete => Ok(answer(404, "no such page")),
        }
    }
}

export!(Site);
