#include "support/diagnostics.h"

#include <algorithm>

#include "support/terminal_text.h"
#include "support/utf8.h"

namespace tenon {

// Out of line: inlined with the text of a literal, they make g++ 12 warn of copies that it does not
// make (-Warray-bounds).
Hint::Hint(const char* what) : text(what) {}
Hint::Hint(std::string what, HintWays how) : text(std::move(what)), ways(std::move(how)) {}

std::string_view code_text(Code code) {
  switch (code) {
#define TENON_DIAGNOSTIC(name, text, severity, summary) \
  case Code::name:                                      \
    return text;
#include "support/diagnostics.def"
#undef TENON_DIAGNOSTIC
  }
  return "internal";
}

Severity code_severity(Code code) {
  switch (code) {
#define TENON_DIAGNOSTIC(name, text, severity, summary) \
  case Code::name:                                      \
    return Severity::severity;
#include "support/diagnostics.def"
#undef TENON_DIAGNOSTIC
  }
  return Severity::Error;
}

Diagnostic vmake_diagnostic(Code code, fmt::string_view format, fmt::format_args args) {
  Diagnostic problem;
  problem.code = code_text(code);
  problem.severity = code_severity(code);
  problem.message = fmt::vformat(format, args);
  return problem;
}

std::vector<std::string_view> all_diagnostic_codes() {
  std::vector<std::string_view> codes = {
#define TENON_DIAGNOSTIC(name, text, severity, summary) text,
#include "support/diagnostics.def"
#undef TENON_DIAGNOSTIC
  };
  std::sort(codes.begin(), codes.end());
  return codes;
}

namespace {

// How many characters of a line are shown before and after the place.
constexpr std::size_t kBefore = 50;
constexpr std::size_t kAfter = 40;
constexpr std::size_t kQuoted = 40;
constexpr std::string_view kCut = "...";

// At most the last `count` characters.
std::string_view last_characters(std::string_view text, std::size_t count) {
  std::size_t at = text.size();
  while (at > 0 && count > 0) {
    --at;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80) --at;
    --count;
  }
  return text.substr(at);
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size() && count > 0; --count) at += next_character(text.substr(at)).bytes.size();
  return text.substr(0, at);
}

std::string_view trim_carriage_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

void show_place(Diagnostic& problem, std::string_view text, std::size_t begin, std::size_t end) {
  begin = std::min(begin, text.size());
  end = std::clamp(end, begin, text.size());
  const std::string_view before = text.substr(0, begin);
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::string_view left = before.substr(line_begin);
  problem.where.line =
      static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1);
  problem.where.column = static_cast<std::uint32_t>(count_characters(left) + 1);

  const std::size_t line_end = std::min(text.find('\n', begin), text.size());
  const std::string_view marked = text.substr(begin, std::min(end, line_end) - begin);
  const std::string_view right = trim_carriage_return(text.substr(begin, line_end - begin));
  const std::string_view shown_left = last_characters(left, kBefore);
  const std::string_view shown_right = first_characters(right, kAfter);
  const std::string head =
      (shown_left.size() < left.size() ? std::string(kCut) : "") + sanitize_text(shown_left);
  const std::size_t width = display_width(
      sanitize_text(shown_right.substr(0, std::min(marked.size(), shown_right.size()))));
  problem.excerpt.lines = {
      head + sanitize_text(shown_right) +
          std::string(shown_right.size() < right.size() ? kCut : ""),
      std::string(display_width(head), ' ') + std::string(std::max<std::size_t>(width, 1), '^')};
}

std::string quote_text(std::string_view text) {
  // Cut first: measuring and escaping a text of megabytes would be slow.
  const std::string_view head = first_characters(text, kQuoted);
  return fmt::format("`{}{}`", sanitize_text(head), head.size() < text.size() ? kCut : "");
}

namespace {

// The reader, the evaluation and the engine know only bytes. This function knows that they come
// from a file that was built and copied.
std::string hint_for(const Diagnostic& problem) {
  const std::string& file = problem.where.file;
  const auto is = [&](Code code) { return problem.code == code_text(code); };
  if (is(Code::ReadTruncated))
    return "the file is cut off: build or fetch it again, and compare its size";
  if (is(Code::ReadMalformed) && problem.where.line != 0) return "correct the text at that place";
  if (is(Code::ReadMalformed))
    return fmt::format("build or fetch it again; `wasm-tools dump {}` shows what is there", file);
  if (is(Code::ReadLimit)) return "toolchains do not produce such files: check where it comes from";
  if (is(Code::ReadInvalid) || is(Code::TypeIndex) || is(Code::TypeName) ||
      is(Code::TypeMismatch) || is(Code::TypeTooLarge))
    return fmt::format(
        "this is probably a bug in the tool that wrote it; compare with `wasm-tools validate -f "
        "all {}`",
        file);
  if (is(Code::WitSyntax))
    return problem.where.line != 0 ? "correct the WIT at that place"
                                   : "name a folder or file of WIT text";
  return {};
}

}  // namespace

Diagnostics place_problems(Diagnostics problems, const std::string& file, const std::string& unit) {
  for (Diagnostic& problem : problems) {
    if (problem.where.file.empty()) problem.where.file = file;
    if (problem.where.unit.empty()) problem.where.unit = unit;
    if (!problem.hints.empty()) continue;
    if (std::string hint = hint_for(problem); !hint.empty())
      problem.hints.push_back(std::move(hint));
  }
  return problems;
}

}  // namespace tenon
