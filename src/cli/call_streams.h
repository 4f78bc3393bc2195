// The streams of a call on the command line: files that are written to parameters, and results that
// are printed as they arrive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/input_output.h"
#include "tenon/composition.h"
#include "tenon/result.h"
#include "tenon/stream.h"
#include "tenon/value.h"

namespace tenon::cli {

// Whether a parameter is read from its file as long as the call needs it.
[[nodiscard]] inline bool is_stream(const Type& type) {
  return type.kind() == TypeKind::Stream || type.kind() == TypeKind::Future;
}

// A file whose content is written to a stream: its bytes, or one item for each line, in WAVE or JSON.
// A future gets all of it.
class StreamInput final {
 public:
  // file: is read from its current position; its reads can block. name: for messages.
  StreamInput(std::shared_ptr<std::FILE> file, std::string name, ArgumentText::Form form,
              const Type& type);
  StreamInput(const StreamInput&) = delete;
  StreamInput& operator=(const StreamInput&) = delete;
  ~StreamInput();

  // The readable end, for the call.
  [[nodiscard]] const Value& value() const { return value_; }
  // Writes what was read, and reads on. Returns whether it did something.
  bool proceed();
  // Whether it waits for the file.
  [[nodiscard]] bool is_reading() const;
  // Waits for the file, at most for a moment.
  void wait_for_file();
  // Why the stream ended early: read-file, and those of parse_wave and parse_json, with the line.
  [[nodiscard]] const Diagnostics& problems() const { return problems_; }

 private:
  struct Feed;

  void write_next();
  void write_item(const std::string& text);
  void end(Diagnostics problems);

  std::string name_;
  ArgumentText::Form form_;
  std::optional<Type> item_;  // absent: no payload
  bool is_future_;
  bool is_bytes_;
  std::shared_ptr<Feed> feed_;
  std::optional<ValueStreamWriter> writer_;  // absent after the end
  Value value_;
  std::string bytes_;         // read, and not written from `line_at_` on
  std::size_t line_at_ = 0;   // where the next line begins
  std::size_t searched_ = 0;  // where the search for its end goes on
  std::size_t line_ = 0;      // number of the last line that was written
  bool is_at_end_ = false;    // of the file
  std::string block_;         // being written
  std::optional<Task<CallResult<bool>>> write_;
  Diagnostics problems_;
};

// A stream or future of a result, printed until its end.
class StreamOutput final {
 public:
  // to: must outlive it.
  StreamOutput(ValueStream stream, OutputFormat format, std::FILE* to);

  // Prints what there is, and reads on. Returns whether it did something.
  bool proceed();
  [[nodiscard]] bool is_done() const { return is_done_; }
  [[nodiscard]] const std::optional<CallFailure>& failure() const { return failure_; }
  // The value of a future, for the exit code.
  [[nodiscard]] const std::optional<Value>& last() const { return last_; }

 private:
  template <class T>
  [[nodiscard]] bool take(const CallResult<T>& result, bool is_end);

  ValueStream stream_;
  OutputFormat format_;
  std::FILE* to_;
  std::vector<std::uint8_t> buffer_;
  std::optional<Task<CallResult<std::size_t>>> bytes_;
  std::optional<Task<CallResult<std::vector<Value>>>> items_;
  bool is_done_ = false;
  std::optional<CallFailure> failure_;
  std::optional<Value> last_;
};

}  // namespace tenon::cli
