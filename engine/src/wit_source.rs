//! The files of WIT packages: texts for the parser, and positions in what was written.

use crate::ffi::*;
use crate::wit_names::escape_package_names;
use std::collections::{HashMap, HashSet};
use wit_parser::{SourceMap, Span};

/// A text as it was written, and how the text of the parser differs from it.
struct Source {
    written: String,
    /// Offsets in the parser's text of the `%` that were added (`wit_names`), ascending.
    added: Vec<usize>,
    /// Offsets in `written` at which lines begin.
    lines: Vec<usize>,
}

impl Source {
    fn original(&self, offset: usize) -> usize {
        offset - self.added.partition_point(|added| *added < offset)
    }

    /// 1-based line and column, in characters.
    fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        let before = self.written.get(start..offset).unwrap_or_default();
        (line as u32, before.chars().count() as u32 + 1)
    }
}

#[derive(Default)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A package name with a keyword, as the parser wants it.
pub(crate) struct KeywordName {
    pub(crate) spelled: String,
    pub(crate) place: Place,
}

/// The texts that were read, by the names of their files.
#[derive(Default)]
pub(crate) struct Texts {
    sources: HashMap<String, Source>,
    pub(crate) keyword_names: Vec<KeywordName>,
    known_names: HashSet<String>,
}

impl Texts {
    /// Adds a file, and returns the text for the parser.
    pub(crate) fn add(&mut self, file: &str, written: &str) -> String {
        let escaped = escape_package_names(written);
        let breaks = written.match_indices('\n').map(|(at, _)| at + 1);
        let source = Source {
            written: written.to_string(),
            added: escaped.added,
            lines: std::iter::once(0).chain(breaks).collect(),
        };
        for (offset, spelled) in escaped.names {
            if !self.known_names.insert(spelled.clone()) {
                continue;
            }
            let (line, column) = source.position(offset);
            let file = file.to_string();
            self.keyword_names.push(KeywordName {
                spelled,
                place: Place { file, line, column },
            });
        }
        self.sources.insert(file.to_string(), source);
        escaped.text
    }

    fn find(&self, sources: &SourceMap, span: Span) -> Option<(&str, &Source, usize, usize)> {
        let at = sources.resolve_span(span)?;
        let (file, source) = self.sources.get_key_value(at.path)?;
        let (start, end) = (
            source.original(at.range.start),
            source.original(at.range.end),
        );
        // Some errors of the parser have only the first character of a word.
        let rest = source.written.get(start..).unwrap_or_default();
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
        let end = end.max(start + word.unwrap_or(rest.len()));
        Some((file, source, start, end))
    }

    pub(crate) fn place(&self, sources: &SourceMap, span: Span) -> Option<Place> {
        let (file, source, start, _) = self.find(sources, span)?;
        let (line, column) = source.position(start);
        let file = file.to_string();
        Some(Place { file, line, column })
    }

    /// The text at a place, as it was written.
    pub(crate) fn written(&self, sources: &SourceMap, span: Span) -> &str {
        let found = self.find(sources, span);
        found.map_or("", |(_, source, start, end)| {
            source.written.get(start..end).unwrap_or_default()
        })
    }

    /// The file of a place, up to the place and from it on.
    pub(crate) fn around(&self, sources: &SourceMap, span: Span) -> (&str, &str) {
        let found = self.find(sources, span);
        found.map_or(("", ""), |(_, source, start, _)| {
            source.written.split_at_checked(start).unwrap_or_default()
        })
    }

    /// Adds file, line, column and excerpt to a problem.
    pub(crate) fn show(&self, sources: &SourceMap, span: Span, problem: &mut tnengine_problem_t) {
        if let Some((file, source, start, end)) = self.find(sources, span) {
            problem.file = file.to_string();
            (problem.line, problem.column, problem.excerpt) = locate(&source.written, start, end);
        }
    }
}
