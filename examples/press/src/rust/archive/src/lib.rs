//! archive: exports `press:kv/backup` for any `press:kv/store`. A backup is text: a line for each
//! entry, with the key, a tab, and the value in hexadecimal.

wit_bindgen::generate!({ path: "../../../wit", world: "press:kv/archiver", generate_all });
use exports::press::kv::backup::Guest;
use press::kv::store::{Bucket, Error};

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}

fn parse_line(line: &str) -> Option<(&str, Vec<u8>)> {
    let (key, value) = line.split_once('\t')?;
    Some((key, unhex(value)?))
}

struct Archive;

impl Guest for Archive {
    fn snapshot(bucket: &Bucket) -> Vec<u8> {
        let mut out = String::new();
        for key in bucket.keys("") {
            let Some(entry) = bucket.get(&key) else { continue };
            out.push_str(&key);
            out.push('\t');
            for byte in entry.value {
                out.push_str(&format!("{byte:02x}"));
            }
            out.push('\n');
        }
        out.into_bytes()
    }

    fn restore(name: String, data: Vec<u8>) -> Result<Bucket, Error> {
        let text = String::from_utf8(data).map_err(|_| Error::Other("not a backup".into()))?;
        let bucket = Bucket::new(&name);
        for (i, line) in text.lines().enumerate() {
            let (key, value) = parse_line(line)
                .ok_or_else(|| Error::Other(format!("line {} is damaged", i + 1)))?;
            bucket.set(key, &value)?;
        }
        Ok(bucket)
    }
}

export!(Archive);
