//! front: calls lib.

wit_bindgen::generate!({ path: "../wit", world: "front-unit" });
use demo::plain::lib::{self, Counter};
use exports::demo::plain::front::*;

struct Front;

impl Guest for Front {
    fn mix(a: bool, b: i8, c: u16, d: i32, e: u64, f: f32, g: f64, h: char) -> f64 {
        lib::mix(a, b, c, d, e, f, g, h)
    }
    fn next_char(c: char) -> char {
        lib::next_char(c)
    }
    fn turn(c: Color) -> Color {
        lib::turn(c)
    }
    fn toggle(m: Marks) -> Marks {
        lib::toggle(m)
    }
    fn echo(text: String) -> String {
        lib::echo(&text)
    }
    fn scale(numbers: Vec<f64>, by: f64) -> Vec<f64> {
        lib::scale(&numbers, by)
    }
    fn change(x: Outer) -> Outer {
        lib::change(x)
    }
    fn swap(x: (u8, i64)) -> (i64, u8) {
        lib::swap(x)
    }
    fn either(a: Option<i32>, b: i32) -> i32 {
        lib::either(a, b)
    }
    fn longer(a: Option<String>, b: String) -> String {
        lib::longer(a.as_deref(), &b)
    }
    fn find(x: u32) -> Option<String> {
        lib::find(x)
    }
    fn divide(a: i32, b: i32) -> Result<i32, String> {
        lib::divide(a, b)
    }
    fn check(x: u32) -> Result<(), Color> {
        lib::check(x)
    }
    fn count(a: u32, b: u32) -> u32 {
        let second = Counter::new(b);
        Counter::add(Counter::new(a), &second).next()
    }
    fn consume(n: u32) -> u32 {
        lib::consume(Counter::new(n))
    }
    fn make(start: u32) -> Option<u32> {
        lib::make(start).map(|counter| counter.next())
    }
    fn alive() -> u32 {
        lib::alive()
    }
    fn lent() -> u32 {
        lib::lent()
    }
}

export!(Front);
