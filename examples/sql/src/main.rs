//! query SQL...: runs each argument as SQL and prints its rows.

wit_bindgen::generate!({
    path: ["../../bundles/sql/wit", "sql.wit"],
    world: "example:sql/query",
    generate_all,
});
use std::process::ExitCode;
use tenon::sql::database::{Cells, Connection, Error, Value, Vector};

fn is_valid(cells: &Cells, row: usize) -> bool {
    cells.validity.as_ref().is_none_or(|bits| bits[row / 8] & (1 << (row % 8)) != 0)
}

/// The range of a row in a buffer where all values follow each other.
fn part(ends: &[u32], row: usize) -> std::ops::Range<usize> {
    let begin = if row == 0 { 0 } else { ends[row - 1] as usize };
    begin..ends[row] as usize
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Boolean(b) => b.to_string(),
        Value::Integer(n) => n.to_string(),
        Value::Real(x) => x.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => format!("({} bytes)", bytes.len()),
    }
}

fn cell_text(cells: &Cells, row: usize) -> String {
    if !is_valid(cells, row) {
        return String::new();
    }
    match &cells.values {
        Vector::Nulls => String::new(),
        Vector::Booleans(all) => all[row].to_string(),
        Vector::Integers(all) | Vector::Times(all) | Vector::Timestamps(all) => {
            all[row].to_string()
        }
        Vector::Unsigned(all) => all[row].to_string(),
        Vector::Reals(all) => all[row].to_string(),
        Vector::Dates(all) => all[row].to_string(),
        Vector::Texts(all) => all.data[part(&all.ends, row)].to_string(),
        Vector::Blobs(all) => format!("({} bytes)", part(&all.ends, row).len()),
        Vector::Mixed(all) => value_text(&all[row]),
    }
}

fn print_rows(connection: &Connection, sql: &str) -> Result<(), Error> {
    let rows = connection.query(sql, &[])?;
    let mut table = vec![rows.columns().into_iter().map(|column| column.name).collect::<Vec<_>>()];
    while let Some(chunk) = rows.next()? {
        for row in 0..chunk.rows as usize {
            table.push(chunk.columns.iter().map(|cells| cell_text(cells, row)).collect());
        }
    }
    let columns = table[0].len();
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for row in table.iter().filter(|row| !row.is_empty()) {
        let line: Vec<String> =
            row.iter().zip(&widths).map(|(text, width)| format!("{text:width$}")).collect();
        println!("{}", line.join("  ").trim_end());
    }
    Ok(())
}

fn run() -> Result<(), Error> {
    let connection = Connection::open(None)?;
    std::env::args().skip(1).try_for_each(|sql| print_rows(&connection, &sql))
}

fn main() -> ExitCode {
    let Err(error) = run() else { return ExitCode::SUCCESS };
    eprintln!("query: {}", error.message);
    ExitCode::FAILURE
}
