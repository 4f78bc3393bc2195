//! Maps and sets: lists of pairs and lists before packr-guest 0.22, values of their own kind since.
#![no_std]

extern crate alloc;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use packr_guest::{GraphValue, Value, export};

packr_guest::setup_guest!();

packr_guest::pack_types! {
    record folder {
        files: set<string>,
        folders: map<string, self>,
    }
    exports {
        words {
            counts: func(words: list<string>) -> map<string, s64>,
            distinct: func(words: list<string>) -> set<string>,
            union: func(left: set<string>, right: set<string>) -> set<string>,
            by-length: func(words: set<string>) -> map<u32, set<string>>,
            bytes: func(words: list<string>) -> set<u8>,
            invert: func(counts: map<string, s64>) -> map<s64, string>,
        }
        make-folder: func(depth: u32) -> folder,
        count-files: func(of: folder) -> u32,
        same: func(any: value) -> value,
    }
}

#[derive(GraphValue)]
#[graph(crate = "packr_guest::composite_abi")]
struct Folder {
    files: BTreeSet<String>,
    folders: BTreeMap<String, Folder>,
}

#[export(name = "words.counts")]
fn counts(words: Vec<String>) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}

#[export(name = "words.distinct")]
fn distinct(words: Vec<String>) -> BTreeSet<String> {
    words.into_iter().collect()
}

#[export(name = "words.union")]
fn union(left: BTreeSet<String>, right: BTreeSet<String>) -> BTreeSet<String> {
    left.into_iter().chain(right).collect()
}

#[export(name = "words.by-length")]
fn by_length(words: BTreeSet<String>) -> BTreeMap<u32, BTreeSet<String>> {
    let mut lengths: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for word in words {
        lengths.entry(word.len() as u32).or_default().insert(word);
    }
    lengths
}

#[export(name = "words.bytes")]
fn bytes(words: Vec<String>) -> BTreeSet<u8> {
    words.iter().flat_map(|word| word.bytes()).collect()
}

#[export(name = "words.invert")]
fn invert(counts: BTreeMap<String, i64>) -> BTreeMap<i64, String> {
    counts.into_iter().map(|(word, count)| (count, word)).collect()
}

impl Folder {
    /// Two files in each folder, and two folders in each but the innermost.
    fn nested(depth: u32) -> Folder {
        let names = ["a", "b"].map(|name| name.to_string());
        let folders = if depth == 0 { 0 } else { 2 };
        Folder {
            files: names.iter().cloned().collect(),
            folders: names
                .into_iter()
                .take(folders)
                .map(|name| (name, Folder::nested(depth - 1)))
                .collect(),
        }
    }

    fn files(&self) -> u32 {
        self.files.len() as u32 + self.folders.values().map(Folder::files).sum::<u32>()
    }
}

#[export(name = "make-folder")]
fn make_folder(depth: u32) -> Folder {
    Folder::nested(depth)
}

#[export(name = "count-files")]
fn count_files(of: Folder) -> u32 {
    of.files()
}

#[export]
fn same(any: Value) -> Value {
    any
}
