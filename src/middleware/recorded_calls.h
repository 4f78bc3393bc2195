// Files of calls: one JSON object on each line.
//
//   {"consumer":"cart","function":"acme:tax/lib@1.0.0#rate","arguments":["100","\"de\""],"result":"19"}
//   {"function":"acme:tax/lib#reset","arguments":[]}
//   {"function":"acme:tax/lib#rate","failure":"no connection"}
//
// Source: docs/middleware.md, "Files of calls".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::middleware {

struct RecordedCall {
  std::uint64_t number = 0;   // `record`: the order in which calls began; others: the line
  std::size_t line = 0;       // in the file, from 1
  std::string consumer = {};  // empty: any
  std::string function;
  std::optional<std::vector<std::string>> arguments = {};  // WAVE, one text for each; absent: any
  std::optional<std::string> result = {};                  // WAVE; absent: the function has none
  std::optional<std::string> failure = {};                 // why the call failed
};

// Empty lines are skipped. file: for messages.
// Errors: config-syntax, for each line that is not a JSON object of this form.
[[nodiscard]] Result<std::vector<RecordedCall>> parse_recorded_calls(std::string_view text,
                                                                     const std::string& file);

// One line, without its end.
[[nodiscard]] std::string print_recorded_call(const RecordedCall& call);

}  // namespace tenon::middleware
