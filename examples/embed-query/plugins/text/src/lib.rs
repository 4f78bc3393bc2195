//! text: functions of texts. `shout` ends a text with the session's `mark`, or with `!`.

wit_bindgen::generate!({ path: "../../wit", world: "plugin", generate_all });
use exports::query::app::functions::{Guest, GuestAggregate};
use query::app::{session, types::Column};

struct Text;

/// No text has an aggregate here.
struct None;

fn slug(text: &str) -> String {
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("-")
}

impl Guest for Text {
    type Aggregate = None;

    fn scalars() -> Vec<String> {
        ["slug", "shout", "letters", "cut"].map(String::from).to_vec()
    }

    fn call(name: String, arguments: Vec<Column>) -> Result<Column, String> {
        let mark = session::setting("mark").unwrap_or_else(|| "!".into());
        match (name.as_str(), arguments.as_slice()) {
            ("slug", [Column::Texts(texts)]) => {
                Ok(Column::Texts(texts.iter().map(|text| slug(text)).collect()))
            }
            ("shout", [Column::Texts(texts)]) => Ok(Column::Texts(
                texts.iter().map(|text| text.to_uppercase() + &mark).collect(),
            )),
            ("letters", [Column::Texts(texts)]) => Ok(Column::Numbers(
                texts.iter().map(|text| text.chars().count() as f64).collect(),
            )),
            // Bytes are not letters: it panics in the middle of one.
            ("cut", [Column::Texts(texts), Column::Numbers(sizes)]) => Ok(Column::Texts(
                texts
                    .iter()
                    .zip(sizes)
                    .map(|(text, size)| text[..text.len().min(*size as usize)].to_string())
                    .collect(),
            )),
            _ => Err(format!("text has no `{name}` of these columns")),
        }
    }

    fn aggregates() -> Vec<String> {
        Vec::new()
    }
}

impl GuestAggregate for None {
    fn new(_: String) -> Self {
        None
    }

    fn add(&self, _: Column) -> Result<(), String> {
        Err("text has no aggregates".into())
    }

    fn finish(&self) -> Result<f64, String> {
        Err("text has no aggregates".into())
    }
}

export!(Text);
