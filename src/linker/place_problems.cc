#include "linker/place_problems.h"

#include "support/diagnostics.h"

namespace tenon::linker {

namespace {

// The reader, the evaluation and the engine know bytes; that these are a file that somebody built
// and copied is known here.
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

}  // namespace tenon::linker
