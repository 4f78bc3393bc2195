//! keeper: keeps counters that another unit made for a third.

wit_bindgen::generate!({ path: "../wit", world: "keeper-unit" });
use demo::domains::lib::Counter;
use exports::demo::domains::keeper::Guest;
use std::cell::RefCell;

thread_local! {
    static KEPT: RefCell<Vec<Counter>> = const { RefCell::new(Vec::new()) };
}

struct Keeper;

impl Guest for Keeper {
    fn keep(c: Counter) {
        KEPT.with_borrow_mut(|kept| kept.push(c));
    }
    fn take() -> Option<Counter> {
        KEPT.with_borrow_mut(Vec::pop)
    }
    fn kept() -> u32 {
        KEPT.with_borrow(Vec::len) as u32
    }
    fn keep_all(counters: Vec<Counter>) -> u32 {
        KEPT.with_borrow_mut(|kept| kept.extend(counters));
        Self::kept()
    }
    fn sum(a: &Counter, b: &Counter) -> u32 {
        a.next().wrapping_add(b.next())
    }
    fn swallow(c: Counter) {
        KEPT.with_borrow_mut(|kept| kept.push(c));
        core::arch::wasm32::unreachable();
    }
}

export!(Keeper);
