//! The async form of packr-guest 0.24: a function that waits for an import returns, and goes on when
//! the host calls `__pack_resume`. Each function has any value as its parameter and result.
#![no_std]

extern crate alloc;

use core::future::{Future, pending, poll_fn};
use core::pin::pin;
use core::task::Poll;

use packr_guest::{Value, async_export, async_import};

packr_guest::setup_async_guest!();

packr_guest::pack_types! {
    imports {
        math {
            double: func(n: s64) -> s64,
        }
    }
    exports {
        process: func(n: s64) -> s64,
        four-times: func(n: s64) -> s64,
        same: func(n: s64) -> s64,
        never: func(n: s64) -> s64,
        both: func(n: s64) -> s64,
        panics: func(n: s64) -> s64,
    }
}

#[async_import(module = "math", name = "double")]
async fn double(input: Value) -> Value {}

fn plus(value: Value, more: i64) -> Value {
    match value {
        Value::S64(n) => Value::S64(n.wrapping_add(more)),
        other => other,
    }
}

#[async_export]
async fn process(input: Value) -> Value {
    plus(double(input).await, 1)
}

/// Two calls of the import, one after the other.
#[async_export]
async fn four_times(input: Value) -> Value {
    double(double(input).await).await
}

/// Never waits.
#[async_export]
async fn same(input: Value) -> Value {
    input
}

/// Waits without having called anything.
#[async_export]
async fn never(_input: Value) -> Value {
    pending::<Value>().await
}

/// Two calls at once, which packr's host does not allow: the sum of both.
#[async_export]
async fn both(input: Value) -> Value {
    let mut first = pin!(double(input.clone()));
    let mut second = pin!(double(input));
    let mut sum = (None, None);
    poll_fn(|context| {
        if sum.0.is_none() {
            if let Poll::Ready(Value::S64(n)) = first.as_mut().poll(context) {
                sum.0 = Some(n);
            }
        }
        if sum.1.is_none() {
            if let Poll::Ready(Value::S64(n)) = second.as_mut().poll(context) {
                sum.1 = Some(n);
            }
        }
        match sum {
            (Some(a), Some(b)) => Poll::Ready(Value::S64(a.wrapping_add(b))),
            _ => Poll::Pending,
        }
    })
    .await
}

/// A trap after the wait.
#[async_export]
async fn panics(input: Value) -> Value {
    double(input).await;
    panic!("after the wait")
}
