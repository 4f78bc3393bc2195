//! What several guests need.
#![no_std]

use packr_guest::{ConversionError, FromValue, Value};

/// An optional value as a parameter or a field: packr-guest 0.5 takes no bare `Option` there.
pub struct Maybe<T>(pub Option<T>);

impl<T: FromValue> TryFrom<Value> for Maybe<T> {
    type Error = ConversionError;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        Option::from_value(value).map(Maybe)
    }
}

impl<T> From<Maybe<T>> for Value
where
    Option<T>: Into<Value>,
{
    fn from(maybe: Maybe<T>) -> Value {
        maybe.0.into()
    }
}

/// A result as a parameter, for the same reason.
pub struct Outcome<T, E>(pub Result<T, E>);

impl<T: FromValue, E: FromValue> TryFrom<Value> for Outcome<T, E> {
    type Error = ConversionError;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        Result::from_value(value).map(Outcome)
    }
}

impl<T, E> From<Outcome<T, E>> for Value
where
    Result<T, E>: Into<Value>,
{
    fn from(outcome: Outcome<T, E>) -> Value {
        outcome.0.into()
    }
}
