// Calls as text, and files of calls: `log` and `record` write them, `mock` and `replay` read them. A file
// of calls has one JSON object on each line, with values in WAVE:
//
//   {"consumer":"cart","function":"acme:tax/lib@1.0.0#rate","arguments":["100","\"de\""],"result":"19"}
//   {"function":"acme:tax/lib#reset","arguments":[]}
//   {"function":"acme:tax/lib#rate","failure":"no connection"}
//
// Source: docs/middleware.md, "Files of calls".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "call/call.h"
#include "middleware/middleware.h"
#include "support/descriptor.h"
#include "tenon/result.h"

namespace tenon::middleware {

// The values of a call for people: long text is cut, and malformed values are "<bad>".
[[nodiscard]] std::string print_arguments(call::Call& call, const Edge& edge);
[[nodiscard]] std::string print_result(const abi::From& result, const Edge& edge);

// The values in full. Absent: they are malformed, or too large.
[[nodiscard]] std::optional<std::vector<std::string>> write_arguments(call::Call& call,
                                                                      const Edge& edge);
[[nodiscard]] std::optional<std::string> write_result(const abi::From& result, const Edge& edge);

struct RecordedCall {
  std::uint64_t number = 0;   // the order in which calls began; if the file does not say, the line
  std::size_t line = 0;       // in the file, from 1
  std::string consumer = {};  // empty: any
  std::string function;
  std::optional<std::vector<std::string>> arguments = {};  // one text for each; absent: any
  std::optional<std::string> result = {};   // absent: the function has none, or the call failed
  std::optional<std::string> failure = {};  // why the call failed
};

// Reads the lines of a file. Empty lines are skipped. file: for messages.
// Errors: config-syntax, for each line that is not a JSON object of this form.
[[nodiscard]] Result<std::vector<RecordedCall>> parse_recorded_calls(std::string_view text,
                                                                     const std::string& file);

// One line, without its end.
[[nodiscard]] std::string print_recorded_call(const RecordedCall& call);

// A file that is written line by line.
class LineFile final {
 public:
  enum class Content : std::uint8_t {
    Kept,      // lines are appended
    Replaced,  // the file is emptied. REQUIRES: it is a file of calls
  };
  // Creates the file for its owner alone if it does not exist. Symbolic links are not followed.
  // where: who named it, for messages. Errors: write-file.
  static Result<std::shared_ptr<LineFile>> open(const std::string& path, Content content,
                                                const Location& where);

  explicit LineFile(Descriptor file) : file_(std::move(file)) {}

  // False if this line or an earlier one could not be written.
  bool write(std::string_view line);

 private:
  Descriptor file_;
  bool has_failed_ = false;
};

}  // namespace tenon::middleware
