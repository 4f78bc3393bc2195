//! Uses the maps and sets of `words`, which `collections` exports.
#![no_std]

extern crate alloc;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use packr_guest::{export, import_from};

packr_guest::setup_guest!();

packr_guest::pack_types! {
    imports {
        words {
            counts: func(words: list<string>) -> map<string, s64>,
            union: func(left: set<string>, right: set<string>) -> set<string>,
            by-length: func(words: set<string>) -> map<u32, set<string>>,
            bytes: func(words: list<string>) -> set<u8>,
            invert: func(counts: map<string, s64>) -> map<s64, string>,
        }
    }
    exports {
        most: func(words: list<string>) -> string,
        joined: func(left: list<string>, right: list<string>) -> list<string>,
        lengths: func(words: list<string>) -> list<u32>,
        smallest: func(words: list<string>) -> u8,
    }
}

#[import_from("words")]
fn counts(words: Vec<String>) -> BTreeMap<String, i64>;

#[import_from("words")]
fn union(left: BTreeSet<String>, right: BTreeSet<String>) -> BTreeSet<String>;

#[import_from("words", name = "by-length")]
fn by_length(words: BTreeSet<String>) -> BTreeMap<u32, BTreeSet<String>>;

#[import_from("words")]
fn bytes(words: Vec<String>) -> BTreeSet<u8>;

#[import_from("words")]
fn invert(counts: BTreeMap<String, i64>) -> BTreeMap<i64, String>;

/// The most frequent word.
#[export]
fn most(words: Vec<String>) -> String {
    invert(counts(words)).into_values().next_back().unwrap_or_default()
}

#[export]
fn joined(left: Vec<String>, right: Vec<String>) -> Vec<String> {
    union(left.into_iter().collect(), right.into_iter().collect()).into_iter().collect()
}

#[export]
fn lengths(words: Vec<String>) -> Vec<u32> {
    by_length(words.into_iter().collect()).into_keys().collect()
}

#[export]
fn smallest(words: Vec<String>) -> u8 {
    bytes(words).into_iter().next().unwrap_or_default()
}
