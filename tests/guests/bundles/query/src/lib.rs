//! query: does with a database what it is told.

wit_bindgen::generate!({
    path: ["../../../../bundles/sql/wit", "query.wit"],
    world: "demo:bundles/query-app",
    generate_all,
});
use exports::demo::bundles::query::*;
use std::cell::RefCell;
use std::fmt::Write;
use tenon::sql::database::{Cells, Chunk, Connection, ErrorKind, Rows, Statement, Vector};

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
    static HOARD: RefCell<Vec<(Statement, Rows)>> = const { RefCell::new(Vec::new()) };
}

fn with_connection<T>(run: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
    CONNECTION.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Some(Connection::open(None)?);
        }
        run(kept.as_ref().unwrap())
    })
}

fn is_valid(cells: &Cells, row: usize) -> bool {
    cells.validity.as_ref().is_none_or(|bits| bits[row / 8] & (1 << (row % 8)) != 0)
}

fn part(ends: &[u32], row: usize) -> std::ops::Range<usize> {
    let begin = if row == 0 { 0 } else { ends[row - 1] as usize };
    begin..ends[row] as usize
}

fn write_blob(line: &mut String, bytes: &[u8]) {
    line.push_str("x'");
    for byte in bytes {
        let _ = write!(line, "{byte:02x}");
    }
    line.push('\'');
}

fn write_value(line: &mut String, value: &Value) {
    let _ = match value {
        Value::Null => write!(line, "NULL"),
        Value::Boolean(b) => write!(line, "{b}"),
        Value::Integer(n) => write!(line, "{n}"),
        Value::Real(x) => write!(line, "{x:?}"),
        Value::Text(text) => write!(line, "{text}"),
        Value::Blob(bytes) => {
            write_blob(line, bytes);
            Ok(())
        }
    };
}

fn write_cell(line: &mut String, cells: &Cells, row: usize) {
    if !is_valid(cells, row) {
        line.push_str("NULL");
        return;
    }
    let _ = match &cells.values {
        Vector::Nulls => write!(line, "NULL"),
        Vector::Booleans(all) => write!(line, "{}", all[row]),
        Vector::Integers(all) => write!(line, "{}", all[row]),
        Vector::Unsigned(all) => write!(line, "{}", all[row]),
        Vector::Reals(all) => write!(line, "{:?}", all[row]),
        Vector::Dates(all) => write!(line, "day {}", all[row]),
        Vector::Times(all) => write!(line, "time {}", all[row]),
        Vector::Timestamps(all) => write!(line, "timestamp {}", all[row]),
        Vector::Texts(all) => write!(line, "{}", &all.data[part(&all.ends, row)]),
        Vector::Blobs(all) => {
            write_blob(line, &all.data[part(&all.ends, row)]);
            Ok(())
        }
        Vector::Mixed(all) => {
            write_value(line, &all[row]);
            Ok(())
        }
    };
}

fn vector_name(vector: &Vector) -> &'static str {
    match vector {
        Vector::Nulls => "nulls",
        Vector::Booleans(_) => "booleans",
        Vector::Integers(_) => "integers",
        Vector::Unsigned(_) => "unsigned",
        Vector::Reals(_) => "reals",
        Vector::Dates(_) => "dates",
        Vector::Times(_) => "times",
        Vector::Timestamps(_) => "timestamps",
        Vector::Texts(_) => "texts",
        Vector::Blobs(_) => "blobs",
        Vector::Mixed(_) => "mixed",
    }
}

/// How many rows a vector has; `nulls` has as many as the chunk.
fn vector_length(vector: &Vector) -> Option<usize> {
    match vector {
        Vector::Nulls => None,
        Vector::Booleans(all) => Some(all.len()),
        Vector::Integers(all) | Vector::Times(all) | Vector::Timestamps(all) => Some(all.len()),
        Vector::Unsigned(all) => Some(all.len()),
        Vector::Reals(all) => Some(all.len()),
        Vector::Dates(all) => Some(all.len()),
        Vector::Texts(all) => Some(all.ends.len()),
        Vector::Blobs(all) => Some(all.ends.len()),
        Vector::Mixed(all) => Some(all.len()),
    }
}

fn disagreement(what: String) -> Error {
    Error { kind: ErrorKind::Other, code: -1, message: what, position: None }
}

/// What the interface promises of a chunk.
fn check_chunk(chunk: &Chunk, columns: usize) -> Result<(), Error> {
    let rows = chunk.rows as usize;
    if rows == 0 || chunk.columns.len() != columns {
        return Err(disagreement(format!("{rows} rows of {} columns", chunk.columns.len())));
    }
    for cells in &chunk.columns {
        if vector_length(&cells.values).is_some_and(|length| length != rows) {
            return Err(disagreement(format!("{} of another length", vector_name(&cells.values))));
        }
        if cells.validity.as_ref().is_some_and(|bits| bits.len() != rows.div_ceil(8)) {
            return Err(disagreement("validity of another length".to_string()));
        }
    }
    Ok(())
}

fn next(rows: &Rows, columns: usize) -> Result<Option<Chunk>, Error> {
    let chunk = rows.next()?;
    if let Some(chunk) = &chunk {
        check_chunk(chunk, columns)?;
    }
    Ok(chunk)
}

fn count(rows: &Rows) -> Result<u64, Error> {
    let columns = rows.columns().len();
    let mut seen = 0;
    while let Some(chunk) = next(rows, columns)? {
        seen += u64::from(chunk.rows);
    }
    Ok(seen)
}

fn add_cells(totals: &mut Totals, cells: &Cells, rows: usize) {
    if let Some(bits) = &cells.validity {
        totals.nulls += rows as u64 - bits.iter().map(|b| u64::from(b.count_ones())).sum::<u64>();
    }
    match &cells.values {
        Vector::Nulls => totals.nulls += rows as u64,
        Vector::Booleans(all) => totals.integers += all.iter().filter(|b| **b).count() as i64,
        Vector::Integers(all) | Vector::Times(all) | Vector::Timestamps(all) => {
            totals.integers = all.iter().fold(totals.integers, |sum, n| sum.wrapping_add(*n));
        }
        Vector::Unsigned(all) => {
            totals.integers = all.iter().fold(totals.integers, |sum, n| sum.wrapping_add(*n as i64));
        }
        Vector::Reals(all) => totals.reals += all.iter().sum::<f64>(),
        Vector::Dates(all) => totals.integers += all.iter().map(|n| i64::from(*n)).sum::<i64>(),
        Vector::Texts(all) => totals.bytes += sum_bytes(all.data.as_bytes()),
        Vector::Blobs(all) => totals.bytes += sum_bytes(&all.data),
        Vector::Mixed(all) => {
            for value in all {
                match value {
                    Value::Null => totals.nulls += 1,
                    Value::Boolean(b) => totals.integers += i64::from(*b),
                    Value::Integer(n) => totals.integers = totals.integers.wrapping_add(*n),
                    Value::Real(x) => totals.reals += x,
                    Value::Text(text) => totals.bytes += sum_bytes(text.as_bytes()),
                    Value::Blob(bytes) => totals.bytes += sum_bytes(bytes),
                }
            }
        }
    }
}

fn sum_bytes(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

struct Query;

impl Guest for Query {
    fn open(path: Option<String>) -> Result<(), Error> {
        let opened = Connection::open(path.as_deref())?;
        CONNECTION.replace(Some(opened));
        Ok(())
    }

    fn close() {
        CONNECTION.take();
    }

    fn execute(sql: String) -> Result<u64, Error> {
        with_connection(|connection| connection.execute(&sql))
    }

    fn run(sql: String, parameters: Vec<Value>) -> Result<String, Error> {
        let rows = with_connection(|connection| connection.query(&sql, &parameters))?;
        let columns = rows.columns();
        let mut text = String::new();
        for (k, column) in columns.iter().enumerate() {
            let bar = if k == 0 { "" } else { "|" };
            let _ = write!(text, "{bar}{}:{}", column.name, column.declared);
        }
        text.push('\n');
        while let Some(chunk) = next(&rows, columns.len())? {
            for row in 0..chunk.rows as usize {
                for (k, cells) in chunk.columns.iter().enumerate() {
                    text.push_str(if k == 0 { "" } else { "|" });
                    write_cell(&mut text, cells, row);
                }
                text.push('\n');
            }
        }
        Ok(text)
    }

    fn shapes(sql: String) -> Result<String, Error> {
        let rows = with_connection(|connection| connection.query(&sql, &[]))?;
        let columns = rows.columns().len();
        let mut text = String::new();
        while let Some(chunk) = next(&rows, columns)? {
            let _ = write!(text, "{}", chunk.rows);
            for cells in &chunk.columns {
                let mark = if cells.validity.is_some() { "?" } else { "" };
                let _ = write!(text, " {}{mark}", vector_name(&cells.values));
            }
            text.push('\n');
        }
        Ok(text)
    }

    fn count_parameters(sql: String) -> Result<u32, Error> {
        with_connection(|connection| Ok(connection.prepare(&sql)?.parameters()))
    }

    fn execute_many(sql: String, rows: Vec<Vec<Value>>) -> Result<u64, Error> {
        with_connection(|connection| connection.prepare(&sql)?.execute_many(&rows))
    }

    fn repeat(sql: String, times: u32) -> Result<u64, Error> {
        with_connection(|connection| {
            let statement = connection.prepare(&sql)?;
            let mut changed = 0;
            for _ in 0..times {
                changed += statement.execute(&[])?;
            }
            Ok(changed)
        })
    }

    fn scan(sql: String) -> Result<Totals, Error> {
        let rows = with_connection(|connection| connection.query(&sql, &[]))?;
        let columns = rows.columns().len();
        let mut totals =
            Totals { rows: 0, chunks: 0, nulls: 0, integers: 0, reals: 0.0, bytes: 0 };
        while let Some(chunk) = next(&rows, columns)? {
            totals.rows += u64::from(chunk.rows);
            totals.chunks += 1;
            for cells in &chunk.columns {
                add_cells(&mut totals, cells, chunk.rows as usize);
            }
        }
        Ok(totals)
    }

    fn let_go(sql: String, order: Order) -> Result<u64, Error> {
        let connection = Connection::open(None)?;
        let statement = connection.prepare(&sql)?;
        let rows = statement.query(&[])?;
        let first = next(&rows, rows.columns().len())?.map_or(0, |chunk| u64::from(chunk.rows));
        match order {
            Order::ConnectionFirst => {
                drop(connection);
                drop(statement);
                Ok(first + count(&rows)?)
            }
            Order::StatementFirst => {
                drop(statement);
                let seen = first + count(&rows)?;
                drop(connection);
                Ok(seen)
            }
            Order::RowsFirst => {
                drop(rows);
                drop(statement);
                drop(connection);
                Ok(first)
            }
        }
    }

    fn run_again(sql: String) -> Result<u64, Error> {
        with_connection(|connection| {
            let statement = connection.prepare(&sql)?;
            let rows = statement.query(&[])?;
            next(&rows, rows.columns().len())?;
            statement.execute(&[])?;
            count(&rows)
        })
    }

    fn hoard(sql: String, count: u32) -> Result<(), Error> {
        for _ in 0..count {
            let statement = with_connection(|connection| connection.prepare(&sql))?;
            let rows = statement.query(&[])?;
            HOARD.with_borrow_mut(|kept| kept.push((statement, rows)));
        }
        Ok(())
    }
}

export!(Query);
