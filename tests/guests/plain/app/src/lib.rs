//! app: calls the libraries of `bundles`.

wit_bindgen::generate!({
    path: ["../../../../bundles/libm", "../../../../bundles/zlib", "../../../../bundles/sqlite-c", "../wit-app"],
    world: "demo:plain-app/app",
    generate_all,
});
use example::libm::{numbers, trig};
use example::sqlite::sql::{self, Database};
use example::zlib::{checksum, compression};

/// As sqlite3_step has them.
const ROW: i32 = 100;
const DONE: i32 = 101;

struct App;

impl Guest for App {
    fn checksums(text: String) -> (u32, u32) {
        let (first, rest) = text.as_bytes().split_at(text.len() / 2);
        let crc = checksum::crc32(checksum::crc32(0, first), rest);
        (crc, checksum::adler32(1, text.as_bytes()))
    }
    fn squeeze(text: String, most: u32) -> Result<u64, String> {
        let packed = compression::compress(text.as_bytes(), 9, most)?;
        if packed.len() as u64 > compression::bound(text.len() as u32) {
            return Err("it is larger than it may be".to_string());
        }
        let back = compression::uncompress(&packed, text.len() as u32)?;
        if back != text.as_bytes() {
            return Err("it is another text".to_string());
        }
        Ok(packed.len() as u64)
    }
    fn unpack(data: Vec<u8>, most: u32) -> Result<Vec<u8>, String> {
        compression::uncompress(&data, most)
    }
    fn cos(x: f64) -> f64 {
        trig::cos(x)
    }
    fn power(x: f64, y: f64) -> f64 {
        numbers::pow(x, y)
    }
    fn split(x: f64) -> (f64, i32, f64) {
        let (part, exponent) = numbers::frexp(x);
        (part, exponent, numbers::ldexp(part, exponent))
    }
    fn query(
        path: String,
        all: Vec<String>,
        text: Option<String>,
    ) -> Result<Vec<Option<String>>, String> {
        let database = Database::open(&path)?;
        let Some((last, first)) = all.split_last() else {
            return Ok(Vec::new());
        };
        for one in first {
            database.exec(one)?;
        }
        let Some(statement) = database.prepare(last).map_err(|_| database.error_message())? else {
            return Ok(Vec::new());
        };
        if let Some(text) = text {
            statement.bind_text(1, &text)?;
        }
        let mut rows = Vec::new();
        loop {
            match statement.step() {
                ROW => rows.push(statement.column_text(0)),
                DONE => return Ok(rows),
                _ => return Err(database.error_message()),
            }
        }
    }
    fn versions() -> (String, String) {
        (compression::version(), sql::version())
    }
}

export!(App);
