//! Maps and sets: lists of pairs and lists before packr-guest 0.22, values of their own kind since.
#![no_std]

extern crate alloc;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use packr_guest::export;

packr_guest::setup_guest!();

packr_guest::pack_types! {
    exports {
        counts: func(words: list<string>) -> map<string, s64>,
        distinct: func(words: list<string>) -> set<string>,
        union: func(left: set<string>, right: set<string>) -> set<string>,
    }
}

#[export]
fn counts(words: Vec<String>) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}

#[export]
fn distinct(words: Vec<String>) -> BTreeSet<String> {
    words.into_iter().collect()
}

#[export]
fn union(left: BTreeSet<String>, right: BTreeSet<String>) -> BTreeSet<String> {
    left.into_iter().chain(right).collect()
}
