//! Measures packr's own host, the peer for tenon's figures of packages. Prints nanoseconds, the
//! minimum of many short runs: `process 12345.6`.
//!
//!   process        a call `process(5)` from one guest to another, whose result can be of any type
//!   process_typed  the same with a guest whose result has the type s64
//!   decode_tree    decoding the tree of bench/packr.cc into values, and dropping them

use packr::abi::{Value, ValueType, decode, encode};
use packr::runtime::CompositionBuilder;
use std::hint::black_box;
use std::time::{Duration, Instant};

const ADDER: &[u8] = include_bytes!("../../../tests/guests/packr/wasm/0.5.4/adder.wasm");
const DOUBLER: &[u8] = include_bytes!("../../../tests/guests/packr/wasm/0.5.4/doubler.wasm");
const DOUBLER_TYPED: &[u8] =
    include_bytes!("../../../tests/guests/packr/wasm/0.5.4/doubler_typed.wasm");
const LEVELS: u32 = 15;

/// Runs `calls`, which repeats an operation `count` times, for a while.
fn measure(name: &str, count: u32, mut calls: impl FnMut()) {
    let mut least = Duration::MAX;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(1000) {
        let start = Instant::now();
        calls();
        least = least.min(start.elapsed());
    }
    println!("{name} {:.1}", least.as_nanos() as f64 / f64::from(count));
}

fn variant(case_name: &str, tag: usize, payload: Value) -> Value {
    Value::Variant {
        type_name: "tree".into(),
        case_name: case_name.into(),
        tag,
        payload: vec![payload],
    }
}

/// Nested variants: an inner node has a list of two nodes, and a leaf has an integer.
fn tree(levels: u32) -> Value {
    if levels == 0 {
        return variant("leaf", 0, Value::S32(7));
    }
    let items = vec![tree(levels - 1), tree(levels - 1)];
    let elem_type = ValueType::Variant("tree".into());
    variant("node", 1, Value::List { elem_type, items })
}

fn measure_process(name: &str, doubler: &[u8]) {
    let mut composition = CompositionBuilder::new()
        .add_package("doubler", doubler.to_vec())
        .add_package("adder", ADDER.to_vec())
        .wire("adder", "math", "double", "doubler", "double")
        .build()
        .expect("the guests fit");
    let five = Value::S64(5);
    measure(name, 1000, || {
        for _ in 0..1000 {
            let eleven = composition.call("adder", "process", black_box(&five));
            assert!(matches!(eleven, Ok(Value::S64(11))));
        }
    });
}

fn main() {
    measure_process("process", DOUBLER);
    measure_process("process_typed", DOUBLER_TYPED);

    let bytes = encode(&tree(LEVELS)).expect("a tree has a wire form");
    measure("decode_tree", 1, || {
        drop(black_box(decode(black_box(&bytes)).expect("a tree")))
    });
}
