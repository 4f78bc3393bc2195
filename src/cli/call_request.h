// One call of an exported function, as `call` and `run --invoke` make it: from words to an exit
// code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/session.h"
#include "cli/start.h"

namespace tenon::cli {

struct CallRequest {
  std::string function;                // a name, or a whole call in WAVE
  std::vector<std::string> arguments;  // behind a name: WAVE, JSON, or @FILE
  enum class Text : std::uint8_t { NameOrCall, Call } text = Text::NameOrCall;
  std::string origin;  // what messages call `function`: "FUNC", "--invoke"
  OutputFormat format = OutputFormat::Human;
  std::optional<std::size_t> repeat;  // given: times are told
};

// Links, starts, calls, and prints the result. Returns the exit code: 1 if the result is `err`.
[[nodiscard]] int start_and_call(const Session& session, const StartFlags& start_flags,
                                 const CallRequest& request);

}  // namespace tenon::cli
