//! title: every word of the text begins with a capital letter.

wit_bindgen::generate!({ path: "../../wit", world: "title", generate_all });
use editor::app::document;
use editor::words::lib;
use exports::editor::app::plugin::Guest;

struct Title;

impl Guest for Title {
    fn run() -> Result<(), String> {
        let words = lib::split(&document::text());
        if words.is_empty() {
            return Err("there are no words".into());
        }
        let made: Vec<String> = words.iter().map(|word| lib::capitalize(word)).collect();
        document::replace(&made.join(" "));
        document::say(&format!("{} words", made.len()));
        Ok(())
    }
}

export!(Title);
