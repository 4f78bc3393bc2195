//! Binary trees: a variant whose one case is a pair of the variant. On the wire its names are those
//! of the interface.
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use packr_guest::{ConversionError, Value, export};

packr_guest::setup_guest!();

packr_guest::pack_types! {
    variant tree {
        leaf(s64),
        node(tuple<self, self>),
    }
    exports {
        build: func(depth: u32) -> tree,
        sum: func(of: tree) -> s64,
        mirror: func(of: tree) -> tree,
    }
}

enum Tree {
    Leaf(i64),
    Node(Box<Tree>, Box<Tree>),
}

fn variant(case: &str, tag: usize, payload: Value) -> Value {
    Value::Variant {
        type_name: String::from("tree"),
        case_name: String::from(case),
        tag,
        payload: vec![payload],
    }
}

impl From<Tree> for Value {
    fn from(tree: Tree) -> Value {
        match tree {
            Tree::Leaf(n) => variant("leaf", 0, Value::S64(n)),
            Tree::Node(left, right) => {
                variant("node", 1, Value::Tuple(vec![Value::from(*left), Value::from(*right)]))
            }
        }
    }
}

impl TryFrom<Value> for Tree {
    type Error = ConversionError;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let Value::Variant { tag, payload, .. } = value else {
            return Err(ConversionError::ExpectedVariant(String::from("another value")));
        };
        match (tag, payload.into_iter().next()) {
            (0, Some(payload)) => Ok(Tree::Leaf(payload.try_into()?)),
            (1, Some(payload)) => {
                let (left, right): (Tree, Tree) = payload.try_into()?;
                Ok(Tree::Node(Box::new(left), Box::new(right)))
            }
            (0 | 1, None) => Err(ConversionError::MissingPayload),
            (tag, _) => Err(ConversionError::UnknownTag { tag, max: 2 }),
        }
    }
}

/// A tree with 2 to the power of `depth` leaves, numbered from the left.
#[export]
fn build(depth: u32) -> Tree {
    built(depth, &mut 0)
}

fn built(depth: u32, next: &mut i64) -> Tree {
    if depth == 0 {
        *next += 1;
        return Tree::Leaf(*next - 1);
    }
    let left = Box::new(built(depth - 1, next));
    Tree::Node(left, Box::new(built(depth - 1, next)))
}

#[export]
fn sum(of: Tree) -> i64 {
    summed(&of)
}

fn summed(tree: &Tree) -> i64 {
    match tree {
        Tree::Leaf(n) => *n,
        Tree::Node(left, right) => summed(left).wrapping_add(summed(right)),
    }
}

#[export]
fn mirror(of: Tree) -> Tree {
    mirrored(of)
}

fn mirrored(tree: Tree) -> Tree {
    match tree {
        Tree::Leaf(n) => Tree::Leaf(n),
        Tree::Node(left, right) => {
            Tree::Node(Box::new(mirrored(*right)), Box::new(mirrored(*left)))
        }
    }
}
