//! Values on their way to PostgreSQL and back.
//!
//! Parameters say what they are, so that the server never guesses: whole numbers are `int8`, fractions `float8`, text
//! `text`, bytes and ids `bytea`. Answers are read as what SQLite would have answered: truth values are 0 and 1, sums
//! (`numeric`) whole numbers where they are whole.

use std::error::Error;

use rusqlite::types::ValueRef;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::Val;

type BoxError = Box<dyn Error + Sync + Send>;

/// What the server is told that a parameter is.
pub(super) fn type_of(value: &Val<'_>) -> Type {
    match value {
        // Left to the server, which sees what stands beside it.
        Val::Null => Type::UNKNOWN,
        Val::Int(_) => Type::INT8,
        Val::Real(_) => Type::FLOAT8,
        Val::Text(_) => Type::TEXT,
        Val::Blob(_) | Val::Id(_) => Type::BYTEA,
    }
}

impl ToSql for Val<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Int(value) => out.extend_from_slice(&value.to_be_bytes()),
            Self::Real(value) => out.extend_from_slice(&value.to_be_bytes()),
            // The one character that the server has no place for: what was asked for or written with it stays
            // different from the same without it.
            Self::Text(value) if value.contains('\0') => {
                out.extend_from_slice(value.replace('\0', "\u{fffd}").as_bytes());
            }
            Self::Text(value) => out.extend_from_slice(value.as_bytes()),
            Self::Blob(value) => out.extend_from_slice(value),
            Self::Id(value) => out.extend_from_slice(value),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// One column of an answer.
pub(crate) struct Cell<'a>(pub(crate) ValueRef<'a>);

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, BoxError> {
        Ok(Self(match *kind {
            Type::BOOL => ValueRef::Integer(i64::from(raw.first().is_some_and(|byte| *byte != 0))),
            Type::INT2 => ValueRef::Integer(i16::from_be_bytes(raw.try_into()?).into()),
            Type::INT4 => ValueRef::Integer(i32::from_be_bytes(raw.try_into()?).into()),
            Type::INT8 => ValueRef::Integer(i64::from_be_bytes(raw.try_into()?)),
            Type::OID => ValueRef::Integer(u32::from_be_bytes(raw.try_into()?).into()),
            Type::FLOAT4 => ValueRef::Real(f32::from_be_bytes(raw.try_into()?).into()),
            Type::FLOAT8 => ValueRef::Real(f64::from_be_bytes(raw.try_into()?)),
            Type::NUMERIC => numeric(raw)?,
            Type::BYTEA => ValueRef::Blob(raw),
            _ => ValueRef::Text(raw),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, BoxError> {
        Ok(Self(ValueRef::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A `numeric` in the server's binary form: digits to the base of 10,000, the first of them worth
/// 10,000 to the power of the weight.
fn numeric(raw: &[u8]) -> Result<ValueRef<'static>, BoxError> {
    let field = |at: usize| -> Result<u16, BoxError> {
        let bytes = raw.get(at * 2..at * 2 + 2).ok_or("a numeric is cut off")?;
        Ok(u16::from_be_bytes(bytes.try_into()?))
    };
    let (count, weight, sign) = (field(0)?, i32::from(field(1)? as i16), field(2)?);
    if sign != 0 && sign != 0x4000 {
        return Err("a numeric is no number".into());
    }
    let negative = sign == 0x4000;
    let mut whole: Option<i64> = Some(0);
    let mut real = 0.0_f64;
    let mut fraction = false;
    for place in 0..i32::from(count).max(weight + 1) {
        let digit = if place < i32::from(count) {
            field(4 + place as usize)?
        } else {
            0
        };
        if place <= weight {
            whole = whole
                .and_then(|sum| sum.checked_mul(10_000))
                .and_then(|sum| sum.checked_add(digit.into()));
        } else if digit != 0 {
            fraction = true;
        }
        real += f64::from(digit) * 10_000_f64.powi(weight - place);
    }
    Ok(match whole {
        Some(sum) if !fraction => ValueRef::Integer(if negative { -sum } else { sum }),
        _ => ValueRef::Real(if negative { -real } else { real }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(weight: i16, sign: u16, digits: &[u16]) -> Vec<u8> {
        let mut out = Vec::new();
        for field in [digits.len() as u16, weight as u16, sign, 0] {
            out.extend(field.to_be_bytes());
        }
        for digit in digits {
            out.extend(digit.to_be_bytes());
        }
        out
    }

    #[test]
    fn sums_are_whole_numbers_and_means_are_fractions() {
        assert_eq!(numeric(&raw(0, 0, &[])).unwrap(), ValueRef::Integer(0));
        assert_eq!(
            numeric(&raw(1, 0, &[12, 3456])).unwrap(),
            ValueRef::Integer(123_456)
        );
        assert_eq!(numeric(&raw(2, 0, &[5])).unwrap(), ValueRef::Integer(500_000_000));
        assert_eq!(numeric(&raw(0, 0x4000, &[7])).unwrap(), ValueRef::Integer(-7));
        assert_eq!(numeric(&raw(0, 0, &[2, 5000])).unwrap(), ValueRef::Real(2.5));
        assert_eq!(numeric(&raw(-1, 0, &[2500])).unwrap(), ValueRef::Real(0.25));
        assert!(numeric(&raw(0, 0xC000, &[])).is_err());
        assert!(numeric(&[0, 3, 0, 0]).is_err());
    }
}
