//! Problems with WIT: what the parser reports, in the words of tenon, with what can be done.
//!
//! The parser's errors are few kinds and about a hundred messages. Those that users make often are
//! put anew by `RULES`; the others keep their words, with names in backticks.

use crate::ffi::*;
use crate::wit_gates::Gates;
use crate::wit_names::{is_keyword, names_of};
use crate::wit_source::Texts;
use wit_parser::{ParseError, ParseErrorKind, ResolveError, ResolveErrorKind, SourceMap, Span};

/// What is known besides the error: the texts, and the items that are left out.
pub(crate) struct Context<'a> {
    pub(crate) sources: &'a SourceMap,
    pub(crate) texts: &'a Texts,
    pub(crate) gates: &'a Gates,
}

/// The text at a place, as it was written, and the file before and from it.
#[derive(Default)]
struct Around<'a> {
    at: &'a str,
    before: &'a str,
    from: &'a str,
}

impl<'a> Around<'a> {
    fn new(span: Span, context: &Context<'a>) -> Self {
        let (before, from) = context.texts.around(context.sources, span);
        Self {
            at: context.texts.written(context.sources, span),
            before,
            from,
        }
    }
}

struct Described {
    message: String,
    note: String,
    hint: String,
}

impl Described {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            note: String::new(),
            hint: hint.into(),
        }
    }
}

pub(crate) fn parse_problem(error: &ParseError, context: &Context<'_>) -> tnengine_problem_t {
    let span = error.kind().span();
    let around = Around::new(span, context);
    let described = match error.kind() {
        ParseErrorKind::ItemNotFound {
            name, kind, hint, ..
        } => Described {
            message: format!("{kind} `{name}` does not exist"),
            note: hint.clone().unwrap_or_default(),
            hint: find_near(name, &around).unwrap_or_else(|| declare(name, kind)),
        },
        ParseErrorKind::TypeCycle { name, kind, .. } => Described::new(
            format!("{kind} `{name}` depends on itself"),
            "WIT has no recursive types: pass a list of nodes that refer to each other by index, or \
             a resource",
        ),
        ParseErrorKind::Lex(error) => describe(&error.to_string(), &around),
        ParseErrorKind::Syntax { message, .. } => describe(message, &around),
        _ => describe(&error.to_string(), &around),
    };
    place(described, span, context)
}

pub(crate) fn resolve_problem(error: &ResolveError, context: &Context<'_>) -> tnengine_problem_t {
    let span = error.kind().span();
    let around = Around::new(span, context);
    let described = match error.kind() {
        ResolveErrorKind::PackageNotFound {
            requested, known, ..
        } => missing_package(&requested.to_string(), known),
        ResolveErrorKind::InvalidTransitiveDependency { name, .. } => Described::new(
            format!("`{name}` would have to be imported and exported at the same time"),
            "an export of the world uses types of an interface that it imports for another: export \
             both interfaces, or move the types to an interface that is only imported",
        ),
        ResolveErrorKind::DuplicatePackage { name, span2, .. } => {
            let mut described = Described::new(
                format!("duplicate package `{name}`"),
                "a package is one folder or one file: remove one of the two",
            );
            if let Some(other) = context.texts.place(context.sources, *span2) {
                described.note = format!(
                    "it is also declared in {}:{}:{}",
                    other.file, other.line, other.column
                );
            }
            described
        }
        ResolveErrorKind::PackageCycle { package, .. } => Described::new(
            format!("`{package}` uses itself, directly or through other packages"),
            "a package names its own interfaces without the package, as in `use types.{t};`; what two \
             packages need of each other belongs in a third",
        ),
        ResolveErrorKind::ItemShadowing {
            item_type, name, ..
        } => Described::new(
            format!("the included world has the {item_type} `{name}`, which this world has too"),
            format!("give it another name: `include .. with {{ {name} as other-name }}`"),
        ),
        ResolveErrorKind::StabilityMismatch { .. } => Described::new(
            "two declarations of this item have different `@since` or `@unstable` attributes",
            "use the same version of the package everywhere",
        ),
        ResolveErrorKind::Semantic { message, .. } => {
            gated(message, &around, context.gates).unwrap_or_else(|| describe(message, &around))
        }
        _ => describe(&error.to_string(), &around),
    };
    place(described, span, context)
}

/// What the validator of components says about WIT that the parser accepts.
pub(crate) fn invalid_problem(
    message: &str,
    span: Span,
    context: &Context<'_>,
) -> tnengine_problem_t {
    let mut described = describe(message, &Around::default());
    if described.hint.is_empty() {
        described.hint = "no component can have this type: change it".to_string();
    }
    place(described, span, context)
}

fn declare(name: &str, kind: &str) -> String {
    if kind == "name" {
        format!("declare it, or take it from the interface that has it: `use types.{{{name}}};`")
    } else {
        "declare it in this package; one of another package is written with its package, such as \
         `wasi:io/streams@0.2.6`"
            .to_string()
    }
}

/// A name in the file that was probably meant.
fn find_near(name: &str, around: &Around<'_>) -> Option<String> {
    let mut names = names_of(around.before).chain(names_of(around.from));
    let near = names.find(|other| *other != name && other.len() > 2 && is_near(other, name))?;
    Some(format!("did you mean `{near}`?"))
}

fn place(described: Described, span: Span, context: &Context<'_>) -> tnengine_problem_t {
    let mut problem = tnengine_problem_t {
        note: described.note,
        hint: described.hint,
        ..tnengine_problem_t::new(described.message)
    };
    context.texts.show(context.sources, span, &mut problem);
    problem
}

fn missing_package(requested: &str, known: &[wit_parser::PackageName]) -> Described {
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let own_name = |name: &str| name.split('@').next().map(str::to_string);
    let same = known
        .iter()
        .find(|name| own_name(&name.to_string()) == own_name(requested));
    let hint = match same {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!(
            "add its WIT to the `deps` folder, such as `deps/{}.wit`",
            own_name(requested).unwrap_or_default().replace(':', "-")
        ),
    };
    let mut described = Described::new(format!("there is no package `{requested}`"), hint);
    if !names.is_empty() {
        described.note = format!("packages: {}", names.join(", "));
    }
    described
}

/// An item that cannot be found because a gate leaves it out, as several messages of the parser say.
fn gated(message: &str, around: &Around<'_>, gates: &Gates) -> Option<Described> {
    let is_reference = message.contains("feature not being activated");
    let is_missing =
        message.contains("not found in package") || message.contains("not defined in interface");
    if !is_reference && !is_missing {
        return None;
    }
    let name = around.at.trim_start_matches('%');
    // The place of a reference can be the item that contains it.
    let statement = around.from.split(';').next().unwrap_or_default();
    let mut names = std::iter::once(name).chain(names_of(statement).filter(|_| is_reference));
    let Some(item) = names.find_map(|name| gates.find(name)) else {
        let what = message.split(' ').next().unwrap_or_default();
        return is_missing.then(|| {
            Described::new(
                format!("{what} `{name}` does not exist in that package"),
                "`tenon inspect --wit` prints the items that a package has",
            )
        });
    };
    let last = item.path.rsplit(['#', '/']).next().unwrap_or_default();
    let own_name = last.split('@').next().unwrap_or_default();
    let mut described = Described::new(
        format!(
            "`{own_name}` is left out, because it is `@unstable(feature = {})`",
            item.feature
        ),
        format!(
            "enable the feature (`--features {0}`, or `features = [\"{0}\"]` where the WIT is named), \
             or put the same attribute here",
            item.feature
        ),
    );
    described.note = format!(
        "it is declared in {}:{}:{}",
        item.place.file, item.place.line, item.place.column
    );
    Some(described)
}

/// The beginning of a message, what to say instead, and what to do. `{}` is the rest of the message
/// or, where the message names an item in backticks, that name.
const RULES: &[(&str, &str, &str)] = &[
    (
        "no `package` header was found",
        "no file declares the package",
        "begin one of the files with `package example:name;`",
    ),
    (
        "package identifier `",
        "`package {}` is in one folder with files of another package",
        "the files of a folder are one package: move this file, or change its `package`",
    ),
    ("duplicate item named `", "duplicate name `{}`", RENAME),
    ("duplicate name `", "duplicate name `{}`", RENAME),
    (
        "duplicate function name `",
        "duplicate function `{}`",
        RENAME,
    ),
    (
        "name `",
        "duplicate name `{}`",
        "rename one of them; a name that `use` brings in can be renamed by `as`",
    ),
    ("param `", "duplicate parameter `{}`", RENAME),
    (
        "duplicate constructors",
        "a resource has at most one constructor",
        "make the other one a static function",
    ),
    (
        "interface cannot be imported",
        "the world imports this interface twice",
        "remove one of the two",
    ),
    (
        "interface cannot be exported",
        "the world exports this interface twice",
        "remove one of the two",
    ),
    (
        "cannot import function `",
        "`{}` is a function, and `use` takes only types",
        "remove it: import the interface to call its functions",
    ),
    (
        "cannot use function `",
        "`{}` is a function, not a type",
        "write the name of a type",
    ),
    (
        "type `",
        "`{}` is not a resource, so it has no handles",
        "write the type without `own<..>` or `borrow<..>`",
    ),
    (
        "type used in a handle",
        "this type is not a resource, so it has no handles",
        "write the type without `own<..>` or `borrow<..>`",
    ),
    (
        "record type must have at least one field",
        "a record needs at least one field",
        "add a field, or pass nothing in its place",
    ),
    (
        "flags must have at least one entry",
        "flags need at least one flag",
        "add a flag",
    ),
    (
        "export name `",
        "the name `{}` excludes another name of the same interface or world",
        "rename one of the two: names that differ only in case, and a function with the name of its \
       resource, exclude each other",
    ),
    (
        "import name `",
        "the name `{}` excludes another name of the same world",
        "rename one of the two: names that differ only in case exclude each other",
    ),
    (
        "empty variant",
        "a variant needs at least one case",
        "add a case",
    ),
    (
        "empty enum",
        "an enum needs at least one case",
        "add a case",
    ),
    (
        "unknown attribute `",
        "unknown attribute `@{}`",
        "WIT has `@since`, `@unstable`, \
      `@deprecated` and `@external-id`",
    ),
    (
        "attributes not allowed on top-level use",
        "a `use` outside of interfaces and worlds has no \
      attributes",
        "remove the attribute",
    ),
    (
        "cannot place attributes on nested packages",
        "a nested package has no attributes",
        "put the \
      attribute on the items of the package",
    ),
    (
        "nested packages must be placed",
        "a package in a package must be at the top of a file",
        "move \
      it out of the package that is around it",
    ),
    (
        "function `",
        "function `{}` returns a `borrow`, which can only be a parameter",
        "return the \
      resource itself, or `own<..>`",
    ),
    (
        "no import or export kebab-name `",
        "the included world has no import or export `{}`",
        "`with` \
      renames plain names only: an interface of a package keeps its name",
    ),
    (
        "unterminated block comment",
        "a block comment has no end",
        "end it with `*/`",
    ),
    (
        "package [",
        "`@since` needs a version of the package",
        "give it one, such as `package example:name@1.0.0;`",
    ),
    (
        "feature gate cannot reference unreleased version",
        "`@since` names a version after that of the package: {}",
        "raise the version of the package, or name an earlier one",
    ),
    (
        "invalid map key type",
        "this type cannot be the key of a map",
        "use `bool`, an integer, `char` or `string`",
    ),
    (
        "import `",
        "the import `{}` excludes another import of the world",
        CASE,
    ),
    (
        "export `",
        "the export `{}` excludes another export of the world",
        CASE,
    ),
    (
        "unexpected character",
        "unexpected character {}",
        "remove it",
    ),
    (
        "Control code",
        "the control character {} is not allowed",
        "remove it",
    ),
    ("Codepoint", "the character {}", "remove it"),
    (
        "Input contains bidirectional override codepoint",
        "the character {} reorders text, and is not \
      allowed",
        "remove it",
    ),
];
const CASE: &str = "names that differ only in case exclude each other: rename one of the two";
const RENAME: &str = "rename one of them";
const WORDS: &str = "a name consists of words with `-` between them; a word has a letter first, then \
                     letters and digits, all lower case or all upper case";

fn describe(message: &str, around: &Around<'_>) -> Described {
    let expected = message.strip_prefix("expected ");
    if let Some((expected, found)) = expected.and_then(|rest| rest.split_once(", found ")) {
        return describe_expected(expected, found, around);
    }
    let world = message
        .find(" is defined as a")
        .filter(|_| message.starts_with("name `"));
    if let (Some(end), true) = (world, message.ends_with("interface")) {
        return Described::new(
            format!(
                "{} is a world, not an interface",
                &message["name ".len()..end]
            ),
            "name an interface",
        );
    }
    if let Some(end) = world {
        return Described::new(
            format!(
                "{} is an interface, not a world",
                &message["name ".len()..end]
            ),
            "name a world",
        );
    }
    if message.starts_with("invalid character in identifier")
        || message.starts_with("identifiers must have characters")
    {
        return Described::new(format!("`{}` is not a valid name", around.at), WORDS);
    }
    for (beginning, words, hint) in RULES {
        if let Some(rest) = message.strip_prefix(beginning) {
            let rest = if beginning.ends_with('`') {
                rest.split('`').next().unwrap_or_default().to_string()
            } else {
                backticks(rest.trim_start_matches([' ', ':']))
            };
            return Described::new(words.replace("{}", &rest), *hint);
        }
    }
    let mut words = backticks(message);
    if words.starts_with(|c: char| c.is_ascii_uppercase()) {
        words[..1].make_ascii_lowercase();
    }
    Described::new(words, "")
}

fn describe_expected(expected: &str, found: &str, around: &Around<'_>) -> Described {
    let at = around.at;
    let is_name = expected == "an identifier or string" || expected == "an identifier";
    let wanted = if is_name {
        "a name".to_string()
    } else {
        backticks(&expected.replace("keyword ", ""))
    };
    let is_end = found == "eof";
    let shown = match at {
        _ if is_end => "the end of the file".to_string(),
        "" => backticks(found),
        _ if is_keyword(at) => format!("the keyword `{at}`"),
        _ => format!("`{at}`"),
    };
    let line = around.before.rsplit(['\n', ';']).next().unwrap_or_default();
    let in_package = line.trim_start().starts_with("package ");
    let hint = if is_name && is_keyword(at) {
        format!("`{at}` is a keyword of WIT: write `%{at}` where it is a name")
    } else if at == ";" && ends_include(around.before) {
        "remove it: `include .. with { .. }` ends without `;`".to_string()
    } else if let Some(word) = nearest(&wanted, at) {
        format!("did you mean `{word}`?")
    } else if in_package && wanted == "an integer" {
        "write a version such as `1.2.0`".to_string()
    } else if in_package {
        "a package is declared as `package example:name;` or `package example:name@1.2.0;`"
            .to_string()
    } else if wanted == "`;`" {
        "write `;` in front of it".to_string()
    } else if wanted == "`}`" || wanted == "`)`" {
        "separate fields, cases and parameters by `,`".to_string()
    } else {
        String::new()
    };
    Described::new(format!("expected {wanted}, found {shown}"), hint)
}

/// Whether a text ends with `include .. with { .. }`.
fn ends_include(text: &str) -> bool {
    let Some(open) = text
        .trim_end()
        .strip_suffix('}')
        .and_then(|rest| rest.rfind('{'))
    else {
        return false;
    };
    let mut words = text[..open].split_whitespace();
    words.next_back() == Some("with") && words.rev().nth(1) == Some("include")
}

/// The word in backticks that `found` was probably meant to be.
fn nearest<'a>(wanted: &'a str, found: &str) -> Option<&'a str> {
    let words = wanted.split('`').skip(1).step_by(2);
    words
        .filter(|word| word.len() > 2 && is_near(word, found))
        .next()
}

/// Whether one word becomes the other by an insertion, a deletion, a replacement or a swap.
fn is_near(left: &str, right: &str) -> bool {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let same = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[same..], &right[same..]);
    match left.len().abs_diff(right.len()) {
        0 if left.len() >= 2 && left[0] == right[1] && left[1] == right[0] => {
            left[2..] == right[2..]
        }
        0 => left.get(1..) == right.get(1..),
        1 if left.len() > right.len() => &left[1..] == right,
        1 => left == &right[1..],
        _ => false,
    }
}

/// Quotes of the parser as backticks: '{' and "x" become `{` and `x`; [a:b] is the name of a package.
fn backticks(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(open) = rest.find(['\'', '[']) {
        let close = if rest[open..].starts_with('[') {
            ']'
        } else {
            '\''
        };
        let inside = &rest[open + 1..];
        let Some(end) = inside.char_indices().skip(1).find(|(_, c)| *c == close) else {
            break;
        };
        let is_alone = rest[..open].is_empty() || rest[..open].ends_with([' ', '(']);
        if !is_alone {
            shown.push_str(&rest[..=open]);
            rest = inside;
            continue;
        }
        shown.push_str(&rest[..open]);
        shown.push('`');
        shown.push_str(&inside[..end.0]);
        shown.push('`');
        rest = &inside[end.0 + 1..];
    }
    shown + rest
}
