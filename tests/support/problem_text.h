// Formats the first problem of a result as one line: code, message, notes and hints.
#pragma once

#include <fmt/core.h>

#include <string>

#include "tenon/result.h"

namespace tenon {

template <class T>
std::string problem_of(const Result<T>& result) {
  if (result) return "fine";
  const Diagnostic& problem = result.error().front();
  std::string text = fmt::format("{}: {}", problem.code, problem.message);
  for (const Note& note : problem.notes) text += "; " + note.text;
  for (const Hint& hint : problem.hints) text += "; " + std::string(hint);
  return text;
}

}  // namespace tenon
