// Problems as data: a stable code, a message, a location, and hints that fix them.
//
// A failed operation returns all problems it found, in input order, as `Diagnostics`. The library
// prints nothing: the `tenon` command renders diagnostics as text or JSON, and an embedding program
// can do the same or match on `code`.
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

// The place where a problem was found. Each part can be absent. `file` and `unit` describe the same
// input in two ways: the path that the user wrote, and the name of the unit.
struct Location {
  std::string file;                     // as the user wrote it; empty: no file
  std::string unit;                     // name of the unit; empty: none
  std::string item;                     // import, export or key, such as "acme:tax/lib@1.2.0"
  std::optional<std::uint64_t> offset;  // byte offset into `file`
  std::uint32_t line = 0;               // 1-based; 0: not a position in text
  std::uint32_t column = 0;             // 1-based, in characters

  bool operator==(const Location&) const = default;
};

// Lines that show the problem: source text with a caret line, or both sides of a difference, marked
// with `-` and `+`.
struct Excerpt {
  std::vector<std::string> lines;

  bool operator==(const Excerpt&) const = default;
};

// A fact that explains a problem, with an optional excerpt.
struct Note {
  std::string text;
  Excerpt excerpt;
  // A second place that is involved, such as a near miss or an earlier definition; for machines,
  // may be empty.
  Location related;

  bool operator==(const Note&) const = default;
};

// One problem.
struct Diagnostic {
  // A stable, kebab-case code from docs/diagnostics.md, such as "resolve-cycle".
  // Lifetime: static.
  std::string_view code;
  Severity severity = Severity::Error;
  // What is wrong and what was expected. Names are in backticks, the first word is in lower case,
  // and there is no full stop.
  std::string message;
  Location where;
  Excerpt excerpt;
  std::vector<Note> notes;
  // Ways to fix the problem; each can be applied as written.
  std::vector<std::string> hints;

  bool operator==(const Diagnostic&) const = default;
};

// Problems in input order. Never empty as the error of a `Result`.
using Diagnostics = std::vector<Diagnostic>;

// Returns the explanation of a code as Markdown without a heading; empty if the code is unknown.
// Lifetime: static. Thread: any.
std::string_view explain_code(std::string_view code);

// Returns all diagnostic codes, sorted.
// Lifetime: static. Thread: any.
std::vector<std::string_view> all_diagnostic_codes();

}  // namespace tenon
