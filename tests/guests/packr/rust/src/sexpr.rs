//! Evaluates s-expressions: a variant with lists of itself.
#![no_std]

extern crate alloc;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use packr_guest::{GraphValue, export};

packr_guest::setup_guest!();

packr_guest::pack_types! {
    variant expr {
        sym(string),
        num(s64),
        str(string),
        lst(list<self>),
        err(string),
    }
    exports {
        evaluate: func(input: expr) -> expr,
    }
}

#[derive(Clone, GraphValue)]
#[graph(crate = "packr_guest::composite_abi")]
enum Expr {
    Sym(String),
    Num(i64),
    Str(String),
    Lst(Vec<Expr>),
    Err(String),
}

#[export]
fn evaluate(input: Expr) -> Expr {
    evaluated(&input).unwrap_or_else(Expr::Err)
}

fn evaluated(input: &Expr) -> Result<Expr, String> {
    let Expr::Lst(items) = input else { return Ok(input.clone()) };
    let Some((head, rest)) = items.split_first() else { return Ok(input.clone()) };
    let Expr::Sym(name) = head else { return Err("a list starts with a symbol".to_string()) };
    match (name.as_str(), rest) {
        ("quote", [what]) => Ok(what.clone()),
        ("if", [condition, yes, no]) => {
            evaluated(if number(&evaluated(condition)?)? != 0 { yes } else { no })
        }
        ("list", rest) => Ok(Expr::Lst(all(rest)?)),
        ("length", [what]) => match evaluated(what)? {
            Expr::Lst(items) => Ok(Expr::Num(items.len() as i64)),
            Expr::Str(text) => Ok(Expr::Num(text.len() as i64)),
            _ => Err("`length` is of a list or a string".to_string()),
        },
        ("join", rest) => {
            let mut text = String::new();
            for part in all(rest)? {
                match part {
                    Expr::Str(part) => text.push_str(&part),
                    _ => return Err("`join` is of strings".to_string()),
                }
            }
            Ok(Expr::Str(text))
        }
        ("+", rest) => fold(rest, i64::wrapping_add),
        ("-", rest) => fold(rest, i64::wrapping_sub),
        ("*", rest) => fold(rest, i64::wrapping_mul),
        ("<", [left, right]) => {
            Ok(Expr::Num((number(&evaluated(left)?)? < number(&evaluated(right)?)?) as i64))
        }
        (name, rest) => Err(format!("no function `{name}` of {}", rest.len())),
    }
}

fn all(items: &[Expr]) -> Result<Vec<Expr>, String> {
    items.iter().map(evaluated).collect()
}

fn number(value: &Expr) -> Result<i64, String> {
    match value {
        Expr::Num(n) => Ok(*n),
        _ => Err("not a number".to_string()),
    }
}

fn fold(items: &[Expr], with: fn(i64, i64) -> i64) -> Result<Expr, String> {
    let (first, rest) = items.split_first().ok_or_else(|| "nothing to compute".to_string())?;
    let mut sum = number(&evaluated(first)?)?;
    for item in rest {
        sum = with(sum, number(&evaluated(item)?)?);
    }
    Ok(Expr::Num(sum))
}
