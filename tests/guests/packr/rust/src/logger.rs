//! `process` tells the import `host.log` what it does, a line a step, and gives back its text.
#![no_std]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use packr_guest::{export, import};

packr_guest::setup_guest!();

packr_guest::pack_types! {
    imports {
        host {
            log: func(line: string),
        }
    }
    exports {
        process: func(text: string) -> string,
    }
}

#[import(module = "host")]
fn log(line: String);

#[export]
fn process(text: String) -> String {
    log(String::from("process: starts"));
    log(format!("process: `{text}`"));
    log(String::from("process: done"));
    text
}
