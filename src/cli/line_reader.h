// Lines of the shell: from a person at a terminal, with editing, history and completion; or from a
// pipe or file, as they are.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::cli {

// What can stand in the place of the word before the cursor.
struct LineCompletion {
  std::size_t begin = 0;           // where that word begins
  std::vector<std::string> words;  // sorted; each begins with it
};

// line: the text before the cursor.
using CompleteLine = std::function<LineCompletion(std::string_view line)>;

class LineReader {
 public:
  virtual ~LineReader() = default;
  // The next line, without its end; nothing when there are no more.
  [[nodiscard]] virtual std::optional<std::string> read_line() = 0;
};

// Of standard input.
[[nodiscard]] std::unique_ptr<LineReader> make_plain_reader();

struct TerminalOptions {
  std::string prompt;        // may hold escapes that take no room; its last character is none
  std::string history_file;  // empty: none is kept; made owner-only
  CompleteLine complete;
};

// Ctrl-C clears the line, Ctrl-D at its beginning is the end. Null if the terminal cannot be used.
[[nodiscard]] std::unique_ptr<LineReader> make_terminal_reader(TerminalOptions options);

}  // namespace tenon::cli
