//! lib: what tests/bundles/plain does in C, as a component.

wit_bindgen::generate!({ path: "../wit", world: "lib-unit" });
use exports::demo::plain::lib::*;
use std::cell::Cell;

thread_local! {
    static ALIVE: Cell<u32> = const { Cell::new(0) };
}

struct Lib;
struct Number(Cell<u32>);

impl Number {
    fn make(start: u32) -> Number {
        ALIVE.set(ALIVE.get() + 1);
        Number(Cell::new(start))
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

impl GuestCounter for Number {
    fn new(start: u32) -> Number {
        Number::make(start)
    }
    fn next(&self) -> u32 {
        self.0.set(self.0.get() + 1);
        self.0.get()
    }
    fn add(a: Counter, b: CounterBorrow<'_>) -> Counter {
        let sum = a.get::<Number>().0.get() + b.get::<Number>().0.get();
        Counter::new(Number::make(sum))
    }
}

impl Guest for Lib {
    type Counter = Number;

    fn mix(a: bool, b: i8, c: u16, d: i32, e: u64, f: f32, g: f64, h: char) -> f64 {
        f64::from(u8::from(a)) + f64::from(b) + f64::from(c) + f64::from(d) + e as f64
            + f64::from(f) + g + f64::from(u32::from(h))
    }
    fn next_char(c: char) -> char {
        char::from_u32(u32::from(c) + 1).unwrap()
    }
    fn turn(c: Color) -> Color {
        match c {
            Color::Red => Color::Green,
            Color::Green | Color::Blue => Color::Blue,
        }
    }
    fn toggle(m: Marks) -> Marks {
        m ^ (Marks::BOLD | Marks::WIDE)
    }
    fn echo(text: String) -> String {
        text
    }
    fn scale(numbers: Vec<f64>, by: f64) -> Vec<f64> {
        numbers.into_iter().map(|number| number * by).collect()
    }
    fn change(x: Outer) -> Outer {
        let inner = Inner { a: x.inner.a.wrapping_add(1), b: -x.inner.b };
        Outer { flag: !x.flag, inner, color: x.color, marks: x.marks }
    }
    fn swap((a, b): (u8, i64)) -> (i64, u8) {
        (b, a)
    }
    fn either(a: Option<i32>, b: i32) -> i32 {
        a.unwrap_or(b)
    }
    fn longer(a: Option<String>, b: String) -> String {
        a.filter(|a| a.len() > b.len()).unwrap_or(b)
    }
    fn find(x: u32) -> Option<String> {
        (x > 0).then(|| "x".repeat(x as usize))
    }
    fn divide(a: i32, b: i32) -> Result<i32, String> {
        a.checked_div(b).ok_or("division by zero".to_string())
    }
    fn check(x: u32) -> Result<(), Color> {
        if x == 0 { Ok(()) } else { Err(Color::Green) }
    }
    fn consume(c: Counter) -> u32 {
        c.get::<Number>().0.get()
    }
    fn make(start: u32) -> Option<Counter> {
        (start > 0).then(|| Counter::new(Number::make(start)))
    }
    fn alive() -> u32 {
        ALIVE.get()
    }
    fn lent() -> u32 {
        0
    }
}

export!(Lib);
