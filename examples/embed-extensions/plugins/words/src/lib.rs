//! words: a library for plugins that process words. It has no command and does not use the editor.

wit_bindgen::generate!({ path: "../../wit/deps/words", world: "words" });
use exports::editor::words::lib::Guest;

struct Words;

impl Guest for Words {
    fn split(text: String) -> Vec<String> {
        text.split_whitespace().map(String::from).collect()
    }
    fn capitalize(word: String) -> String {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => word,
        }
    }
}

export!(Words);
