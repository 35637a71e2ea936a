//! The shared statements in PostgreSQL's spelling, and values on their way in and out.

use std::error::Error as StdError;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::super::Error;
use super::super::sql::{Param, Row};

type Refusal = Box<dyn StdError + Sync + Send>;

/// A statement in PostgreSQL's spelling: `$1` where it says `?1`.
pub(super) fn spelled(sql: &str) -> String {
    let mut quoted = false;
    let spell = |letter: char| {
        quoted ^= letter == '\'';
        if letter == '?' && !quoted { '$' } else { letter }
    };
    sql.chars().map(spell).collect()
}

impl Param<'_> {
    /// Whether it is a text that PostgreSQL has no place for: in none of its texts stands U+0000.
    pub(super) fn has_nul(&self) -> bool {
        matches!(self, Self::Text(text) if text.contains('\0'))
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Refusal> {
        match *self {
            Self::Null => return Ok(IsNull::Yes),
            // What a parameter is compared with says how wide it is: `?2 = 1` is one of four bytes.
            Self::Int(number) if *kind == Type::INT4 => out.put_i32(number.try_into()?),
            Self::Int(number) if *kind == Type::INT8 => out.put_i64(number),
            Self::Text(text) if is_text(kind) => out.put_slice(text.as_bytes()),
            Self::Blob(bytes) if *kind == Type::BYTEA => out.put_slice(bytes),
            Self::Int(_) | Self::Text(_) | Self::Blob(_) => return Err("a value of another kind is asked for".into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn is_text(kind: &Type) -> bool {
    *kind == Type::TEXT || *kind == Type::VARCHAR
}

/// A value as the server sent it.
struct Sent<'a> {
    kind: Type,
    bytes: &'a [u8],
}

impl<'a> FromSql<'a> for Sent<'a> {
    fn from_sql(kind: &Type, bytes: &'a [u8]) -> Result<Self, Refusal> {
        Ok(Self { kind: kind.clone(), bytes })
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }
}

/// A row as the server sent it.
pub(super) struct PostgresRow<'a>(pub(super) &'a tokio_postgres::Row);

impl PostgresRow<'_> {
    fn sent(&self, column: usize) -> Result<Option<Sent<'_>>, Error> {
        self.0.try_get(column).map_err(|_it_quotes| Error::Unexpected("a column is missing"))
    }
}

impl Row for PostgresRow<'_> {
    fn int(&self, column: usize) -> Result<Option<i64>, Error> {
        let Some(Sent { kind, bytes }) = self.sent(column)? else { return Ok(None) };
        let number = match kind {
            Type::INT8 => bytes.try_into().ok().map(i64::from_be_bytes),
            Type::INT4 => bytes.try_into().ok().map(|bytes| i64::from(i32::from_be_bytes(bytes))),
            _ => None,
        };
        number.map(Some).ok_or(Error::Unexpected("a column is no number"))
    }

    fn text(&self, column: usize) -> Result<Option<String>, Error> {
        let Some(Sent { kind, bytes }) = self.sent(column)? else { return Ok(None) };
        let text = is_text(&kind).then(|| String::from_utf8(bytes.to_owned()).ok()).flatten();
        text.map(Some).ok_or(Error::Unexpected("a column is no text"))
    }

    fn blob(&self, column: usize) -> Result<Option<Vec<u8>>, Error> {
        match self.sent(column)? {
            None => Ok(None),
            Some(Sent { kind: Type::BYTEA, bytes }) => Ok(Some(bytes.to_owned())),
            Some(_other) => Err(Error::Unexpected("a column is no bytes")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_mark_in_a_text_stays_one() {
        assert_eq!(spelled("SELECT '?1', a FROM b WHERE c = ?12"), "SELECT '?1', a FROM b WHERE c = $12");
    }
}
