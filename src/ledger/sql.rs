//! What the ledger asks of a database: run a statement, read rows. The statements are written once,
//! in the SQL that SQLite and PostgreSQL share, with `?1` for the first parameter; everything above
//! this trait is the same for both.

use super::Error;

/// A value on its way into a statement.
#[derive(Debug, Clone, Copy)]
pub enum Param<'a> {
    /// No value.
    Null,
    /// A number.
    Int(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Param<'_> {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<bool> for Param<'_> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Param<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Blob(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Param<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer. Columns are counted from 0. A column that is not of the type asked for
/// means that the database is not the one this program wrote.
pub trait Row {
    /// A number, or nothing.
    fn int(&self, column: usize) -> Result<Option<i64>, Error>;
    /// A text, or nothing.
    fn text(&self, column: usize) -> Result<Option<String>, Error>;
    /// Bytes, or nothing.
    fn blob(&self, column: usize) -> Result<Option<Vec<u8>>, Error>;
}

impl dyn Row + '_ {
    /// A number that must be there.
    pub fn need_int(&self, column: usize) -> Result<i64, Error> {
        self.int(column)?.ok_or(Error::Unexpected("a number is missing"))
    }

    /// A text that must be there.
    pub fn need_text(&self, column: usize) -> Result<String, Error> {
        self.text(column)?.ok_or(Error::Unexpected("a text is missing"))
    }

    /// Bytes that must be there.
    pub fn need_blob(&self, column: usize) -> Result<Vec<u8>, Error> {
        self.blob(column)?.ok_or(Error::Unexpected("bytes are missing"))
    }

    /// An id or a hash of `N` bytes that must be there.
    pub fn need_bytes<const N: usize>(&self, column: usize) -> Result<[u8; N], Error> {
        let bytes = self.need_blob(column)?;
        <[u8; N]>::try_from(bytes.as_slice()).map_err(|_length| Error::Unexpected("bytes of another length"))
    }
}

/// A connection to the database.
pub trait Sql {
    /// Runs a statement; answers how many rows it changed.
    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<usize, Error>;

    /// Runs a query and hands over each row.
    fn query(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// Runs an `INSERT … RETURNING seq` of one row, as it stands or in the database's own cheaper way,
    /// and answers the new row's number; `None` where `ON CONFLICT DO NOTHING` has left it out.
    fn add(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Option<i64>, Error> {
        let mut number = None;
        self.query(sql, params, &mut |row| {
            number = row.int(0)?;
            Ok(())
        })?;
        Ok(number)
    }
}

impl dyn Sql + '_ {
    /// All rows of a query, each read by `read`.
    pub fn all<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        read: impl Fn(&dyn Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        self.query(sql, params, &mut |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row of a query, if there is one.
    pub fn first<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        read: impl Fn(&dyn Row) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        Ok(self.all(sql, params, read)?.into_iter().next())
    }

    /// Runs an `INSERT … RETURNING seq` that leaves nothing out, and answers the new row's number.
    pub fn insert(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<i64, Error> {
        self.add(sql, params)?.ok_or(Error::Unexpected("an insert gave no row"))
    }
}
