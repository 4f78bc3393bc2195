//! front: calls the other two.

wit_bindgen::generate!({ path: "../wit", world: "front-unit" });
use demo::domains::keeper;
use demo::domains::lib::{self, Counter};
use exports::demo::domains::front::*;
use std::cell::RefCell;

thread_local! {
    static HELD: RefCell<Option<Counter>> = const { RefCell::new(None) };
}

struct Front;

impl Guest for Front {
    fn add(a: u32, b: u32) -> u32 {
        lib::add(a, b)
    }
    fn echo(s: String) -> String {
        lib::echo(&s)
    }
    fn echo_bytes(bytes: Vec<u8>) -> Vec<u8> {
        lib::echo_bytes(&bytes)
    }
    fn echo_points(points: Vec<Point>) -> Vec<Point> {
        lib::echo_points(&points)
    }
    fn echo_named(named: Vec<Named>) -> Vec<Named> {
        lib::echo_named(&named)
    }
    fn echo_mixed(
        a: Option<String>,
        b: Result<u8, String>,
        c: (char, bool, i64),
        d: Trouble,
        e: Marks,
    ) -> (Option<String>, Result<u8, String>, (char, bool, i64), Trouble, Marks) {
        let b = b.as_ref().map(|n| *n).map_err(String::as_str);
        lib::echo_mixed(a.as_deref(), b, c, &d, e)
    }
    fn calls() -> u32 {
        lib::calls()
    }
    fn boom() {
        lib::boom()
    }
    fn spin() {
        lib::spin()
    }
    fn grow(pages: u32) -> u32 {
        lib::grow(pages)
    }
    fn check_text(n: u32) -> Result<u32, String> {
        lib::check_text(n)
    }
    fn check_trouble(n: u32) -> Result<u32, Trouble> {
        lib::check_trouble(n)
    }
    fn check_reason(n: u32) -> Result<u32, Reason> {
        lib::check_reason(n)
    }
    fn alive() -> u32 {
        lib::alive()
    }
    fn churn(n: u32) -> u32 {
        for i in 0..n {
            drop(Counter::new(i));
        }
        lib::alive()
    }
    fn merge(a: u32, b: u32) -> u32 {
        Counter::merge(Counter::new(a), Counter::new(b)).next()
    }
    fn peek(a: u32, b: u32) -> u32 {
        Counter::new(a).peek(&Counter::new(b))
    }
    fn consume(n: u32) -> u32 {
        lib::consume(Counter::new(n))
    }
    fn keep(n: u32) {
        keeper::keep(Counter::new(n))
    }
    fn take() -> Option<u32> {
        keeper::take().map(|counter| counter.next())
    }
    fn hold(n: u32) {
        HELD.with_borrow_mut(|held| *held = Some(Counter::new(n)));
    }
    fn next() -> u32 {
        HELD.with_borrow(|held| held.as_ref().map_or(0, Counter::next))
    }
    fn keep_all(numbers: Vec<u32>) -> u32 {
        keeper::keep_all(numbers.into_iter().map(Counter::new).collect())
    }
    fn sum(a: u32, b: u32) -> u32 {
        keeper::sum(&Counter::new(a), &Counter::new(b))
    }
    fn swallow(n: u32) {
        keeper::swallow(Counter::new(n))
    }
    fn drop_bad() {
        drop(lib::make_bad());
    }
    fn loop_add(n: u32) -> u32 {
        (0..n).fold(0, lib::add)
    }
    fn loop_borrow(n: u32) -> u32 {
        let counter = Counter::new(0);
        (0..n).fold(0, |_, _| counter.next())
    }
    fn loop_own(n: u32) -> u32 {
        (0..n).fold(0, |sum, i| lib::consume(Counter::new(i)).wrapping_add(sum))
    }
}

export!(Front);
