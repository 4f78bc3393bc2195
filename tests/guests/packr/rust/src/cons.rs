//! Linked lists: a record that holds itself, of the types that the crate's own macro makes.
#![no_std]

extern crate alloc;

use packr_guest::composite_abi::Rec;
use packr_guest::export;

packr_guest::setup_guest!();

packr_guest::pact! {
    record cons {
        head: s64,
        tail: option<self>,
    }

    world lists {
        export reverse: func(of: cons) -> cons
        export total: func(of: cons) -> s64
    }
}

packr_guest::pack_types! {
    record cons {
        head: s64,
        tail: option<self>,
    }
    exports {
        reverse: func(of: cons) -> cons,
        total: func(of: cons) -> s64,
    }
}

#[export]
fn reverse(of: Cons) -> Cons {
    let mut reversed = Cons { head: of.head, tail: None };
    let mut rest = of.tail;
    while let Some(link) = rest {
        let Cons { head, tail } = link.into_inner();
        reversed = Cons { head, tail: Some(Rec::new(reversed)) };
        rest = tail;
    }
    reversed
}

#[export]
fn total(of: Cons) -> i64 {
    let mut total = of.head;
    let mut rest = &of.tail;
    while let Some(link) = rest {
        total = total.wrapping_add(link.head);
        rest = &link.tail;
    }
    total
}
