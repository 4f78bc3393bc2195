//! Keywords in the names of WIT packages.
//!
//! `package example:interface;` is what people write, and a component that imports
//! `example:interface/host` is valid, but the parser of WIT reads `interface` as a keyword there. In
//! a package name a keyword cannot mean anything else, so the parser gets `%interface`, the spelling
//! that makes it a name. Two forms have package names, and no other part of the grammar looks like
//! them:
//!
//!   package NAMESPACE : NAME          a declaration, also of a nested package
//!   NAMESPACE : NAME /                a path, in `use`, `include`, `import` and `export`
//!
//! Each `%` moves what follows it by one byte, so positions are mapped back (`Source::original`).

const KEYWORDS: &[&str] = &[
    "as",
    "async",
    "bool",
    "borrow",
    "char",
    "constructor",
    "enum",
    "error-context",
    "export",
    "f32",
    "f64",
    "flags",
    "from",
    "func",
    "future",
    "import",
    "include",
    "interface",
    "list",
    "map",
    "option",
    "own",
    "package",
    "record",
    "resource",
    "result",
    "s16",
    "s32",
    "s64",
    "s8",
    "static",
    "stream",
    "string",
    "tuple",
    "type",
    "u16",
    "u32",
    "u64",
    "u8",
    "use",
    "variant",
    "with",
    "world",
];

pub(crate) fn is_keyword(word: &str) -> bool {
    KEYWORDS.binary_search(&word).is_ok()
}

/// The words of a text that are not keywords.
pub(crate) fn names_of(text: &str) -> impl Iterator<Item = &str> {
    let names = Lexer { text, at: 0 }.filter(|token| token.kind == Kind::Name);
    names.map(move |token| token.text(text).trim_start_matches('%'))
}

/// A text for the parser, and how it differs from what was written.
pub(crate) struct Escaped {
    pub(crate) text: String,
    /// The offsets in `text` of the signs that were added, ascending.
    pub(crate) added: Vec<usize>,
    /// The package names with keywords: the offset in the original, and the escaped spelling.
    pub(crate) names: Vec<(usize, String)>,
}

/// Escapes keywords in package names. A text that is not WIT is returned as it is, or with signs
/// that make it no worse.
pub(crate) fn escape_package_names(text: &str) -> Escaped {
    let mut escaped = Escaped {
        text: String::new(),
        added: Vec::new(),
        names: Vec::new(),
    };
    let mut copied = 0;
    let mut escape = |namespace: Token, name: Token| {
        for word in [namespace, name] {
            if word.kind != Kind::Keyword || word.start < copied {
                continue;
            }
            escaped.text.push_str(&text[copied..word.start]);
            escaped.added.push(escaped.text.len());
            escaped.text.push('%');
            escaped.text.push_str(&text[word.start..word.end]);
            copied = word.end;
            if word.start == namespace.start || namespace.kind != Kind::Keyword {
                let spelled = format!("{}:{}", namespace.spelled(text), name.spelled(text));
                escaped.names.push((namespace.start, spelled));
            }
        }
    };
    let mut last = [Token::default(); 4]; // the oldest first
    for token in (Lexer { text, at: 0 }) {
        let [_, second, third, fourth] = last;
        let is_path = token.kind == Kind::Sign && token.text(text) == "/";
        if is_path && third.text(text) == ":" && second.is_name() && fourth.is_name() {
            escape(second, fourth);
        }
        let is_declared = second.kind == Kind::Keyword && second.text(text) == "package";
        if is_declared && fourth.text(text) == ":" && third.is_name() && token.is_name() {
            escape(third, token);
        }
        last = [second, third, fourth, token];
    }
    escaped.text.push_str(&text[copied..]);
    escaped
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Kind {
    #[default]
    Sign,
    Keyword,
    Name,
    Number,
}

#[derive(Clone, Copy, Default)]
struct Token {
    kind: Kind,
    start: usize,
    end: usize,
}

impl Token {
    fn text(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    fn is_name(self) -> bool {
        matches!(self.kind, Kind::Keyword | Kind::Name)
    }

    fn spelled(self, text: &str) -> String {
        let sign = if self.kind == Kind::Keyword { "%" } else { "" };
        format!("{sign}{}", self.text(text))
    }
}

/// The tokens of WIT without spaces and comments. Ends at a comment without its end.
struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    /// Block comments nest.
    fn skip_block(&mut self) {
        let mut depth = 0;
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return;
            } else if rest.starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return;
                }
            } else {
                self.skip_char();
            }
        }
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(character) = self.rest().chars().next() {
            self.skip_char();
            match character {
                '\\' => self.skip_char(),
                '"' | '\n' => return,
                _ => {}
            }
        }
    }

    fn skip_char(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    fn skip_while(&mut self, is_part: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            self.skip_while(|c| c.is_whitespace() || c == '\u{feff}');
            if self.rest().starts_with("//") {
                self.skip_line();
            } else if self.rest().starts_with("/*") {
                self.skip_block();
            } else {
                break;
            }
        }
        let start = self.at;
        let first = self.rest().chars().next()?;
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let kind = if first.is_ascii_digit() {
            self.skip_while(|c| c.is_ascii_digit());
            Kind::Number
        } else if first.is_alphabetic() || first == '_' {
            self.skip_while(is_part);
            if is_keyword(&self.text[start..self.at]) {
                Kind::Keyword
            } else {
                Kind::Name
            }
        } else if first == '%' {
            self.skip_char();
            self.skip_while(is_part);
            Kind::Name
        } else if first == '"' {
            self.skip_string();
            Kind::Sign
        } else {
            self.skip_char();
            Kind::Sign
        };
        Some(Token {
            kind,
            start,
            end: self.at,
        })
    }
}
