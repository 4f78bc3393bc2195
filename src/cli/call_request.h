// One call of an exported function, from words to an exit code: `call`, `run --invoke` and
// `ext call`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/input_output.h"
#include "cli/session.h"
#include "cli/start.h"
#include "tenon/result.h"
#include "tenon/value.h"

namespace tenon::cli {

struct CallRequest {
  std::string function;  // a name, or a whole call in WAVE
  // After a name: WAVE or JSON; `@FILE`, whose name can end with .wave or .json to say its format; or
  // `@-` for standard input. The file of a stream is written to it while the call runs. `@text:FILE` is
  // a string with the content of the file.
  std::vector<std::string> arguments;
  enum class Text : std::uint8_t { NameOrCall, Call } text = Text::NameOrCall;
  std::string origin;  // the name of `function` in messages: "FUNC", "--invoke"
  OutputFormat format = OutputFormat::Human;
  bool raw = false;                     // print a string as it is
  std::optional<std::size_t> repeat;    // if set, the times of the calls are printed
  std::optional<std::size_t> parallel;  // with `repeat`: so many calls are in progress
  // A descriptor for the result, which guests cannot write to; otherwise it goes to standard output.
  std::optional<std::size_t> result_fd;
};

// Links, starts, calls, and prints the result. Returns the exit code: 1 if the result is `err`.
[[nodiscard]] int start_and_call(const Session& session, const StartFlags& start_flags,
                                 const CallRequest& request);

// Adds `--raw`.
void add_raw_flag(CommandLine& line, CallRequest& request);

// Reads one argument: `@FILE` is a file, whose name can end with .wave or .json to say its format,
// `@-` standard input, `@text:FILE` a string with the content of a file, and anything else the text itself.
// name: the name of such a text in messages. Errors: read-file.
[[nodiscard]] Result<ArgumentText> read_argument(const std::string& word, std::string name,
                                                 OutputFormat format);

// The times of repeated calls in one line:
//
//   1000 calls: median 412 ns, p99 1.3 us, min 398 ns, max 23.1 us
//
// nanoseconds: one for each call, in any order. A percentile is the time of one of the calls
// (nearest rank). REQUIRES: at least one call.
[[nodiscard]] std::string render_call_times(std::vector<std::uint64_t> nanoseconds);

}  // namespace tenon::cli
