//! cli: a command that sends requests to the `press:web/handler` that it is linked with.
//!
//! Each argument is one request: `GET /about`, `PUT /about=# About`, `DELETE /about`. A bare path
//! is a GET. `\n` in a body is a line feed. Prints the answers; exits with 1 if a handler returned
//! an error, or if an argument is not a request.

wit_bindgen::generate!({
    inline: "package press:cli; world cli { import press:web/handler@1.0.0; }",
    path: "../../../wit",
    world: "press:cli/cli",
    generate_all,
});
use press::web::handler::handle;
use press::web::types::{Method, Request, Response};
use std::process::ExitCode;

fn parse_request(argument: &str) -> Option<Request> {
    let (method, rest) = argument.split_once(' ').unwrap_or(("GET", argument));
    let method = match method {
        "GET" => Method::Get,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        _ => return None,
    };
    let (path, body) = rest.split_once('=').unwrap_or((rest, ""));
    if !path.starts_with('/') {
        return None;
    }
    let body = body.replace("\\n", "\n").into();
    Some(Request { method, path: path.into(), headers: vec![], body })
}

fn print_response(argument: &str, response: &Response) {
    println!("{argument}: {}", response.status);
    for (name, value) in &response.headers {
        println!("  {name}: {value}");
    }
    println!("{}", String::from_utf8_lossy(&response.body));
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() {
        eprintln!("usage: cli REQUEST...   such as `GET /about` or `PUT /about=# About`");
        return ExitCode::FAILURE;
    }
    let mut code = ExitCode::SUCCESS;
    for argument in &arguments {
        let Some(request) = parse_request(argument) else {
            eprintln!("{argument}: not a request");
            return ExitCode::FAILURE;
        };
        match handle(&request) {
            Ok(response) => print_response(argument, &response),
            Err(error) => {
                println!("{argument}: {error}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
