// Property: any text is either rejected, with the line of each problem, or read as calls, and each call is
// printed as a line that is read as an equal one.
#include "middleware/call_file.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon::middleware;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto calls = parse_recorded_calls(text, "calls.jsonl");
  if (!calls) {
    require(!calls.error().empty());
    for (const tenon::Diagnostic& problem : calls.error())
      require(problem.where.line != 0 && !problem.hints.empty());
    return 0;
  }
  for (const RecordedCall& call : *calls) {
    require(!call.function.empty() && call.number != 0);
    const std::string line = print_recorded_call(call);
    const auto again = parse_recorded_calls(line, "calls.jsonl");
    require(again.has_value() && again->size() == 1);
    require(print_recorded_call(again->front()) == line);
  }
  return 0;
}
