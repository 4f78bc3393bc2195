// What went wrong, as data: a stable code, a message, where it was found, and what would mend it.
//
// A failed operation returns every problem it found, in input order, as `Diagnostics`. Nothing here
// prints; the command renders diagnostics as text or JSON, and an embedding program may do the same
// or match on `code`.
//
//   for (const tenon::Diagnostic& problem : result.error())
//     if (problem.code == "resolve-no-provider") ...
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

enum class Severity { Error, Warning, Note };

// Where a problem was found. Every part may be absent; `unit` and `file` name the two views that a
// user has of one input.
struct Location {
  std::string file;                     // as the user wrote it; empty: no file
  std::string unit;                     // name of the unit; empty: none
  std::string item;                     // import, export or key, such as "acme:tax/lib@1.2.0"
  std::optional<std::uint64_t> offset;  // byte offset into `file`
  std::uint32_t line = 0;               // 1-based; 0: not a position in text
  std::uint32_t column = 0;             // 1-based, in characters

  bool operator==(const Location&) const = default;
};

// A few lines of text that show the problem: source text with a caret line, or both sides of a
// difference with `-` and `+` in front.
struct Excerpt {
  std::vector<std::string> lines;

  bool operator==(const Excerpt&) const = default;
};

// A fact that explains the problem, with an optional excerpt of its own.
struct Note {
  std::string text;
  Excerpt excerpt;
  // The other end of the problem (a near miss, the second definition), for machines; may be empty.
  Location related;

  bool operator==(const Note&) const = default;
};

struct Diagnostic {
  // Stable, kebab-case, one of the rows of docs/diagnostics.md, such as "resolve-cycle". Points to
  // static storage.
  std::string_view code;
  Severity severity = Severity::Error;
  // What was wanted, by whom, what was found. Names in backticks, lower case first word, no full
  // stop.
  std::string message;
  Location where;
  Excerpt excerpt;
  std::vector<Note> notes;
  // What to do; each can be applied as it stands.
  std::vector<std::string> hints;

  bool operator==(const Diagnostic&) const = default;
};

// Problems in input order. As the error of a `Result` it is never empty.
using Diagnostics = std::vector<Diagnostic>;

// The page that explains a code: Markdown text, without its heading. Empty if there is no such
// code. Lifetime: static. Thread: any.
std::string_view explain_code(std::string_view code);

// Every diagnostic code, sorted. Lifetime: static. Thread: any.
std::vector<std::string_view> all_diagnostic_codes();

}  // namespace tenon
