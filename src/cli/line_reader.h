// Lines for the shell: from a terminal, with editing, history and completion, or from a pipe or
// file, unchanged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::cli {

// The candidates for the word before the cursor.
struct LineCompletion {
  std::size_t begin = 0;           // where the word begins in the line
  std::vector<std::string> words;  // sorted; each begins with the word
};

// line: the text before the cursor.
using CompleteLine = std::function<LineCompletion(std::string_view line)>;

class LineReader {
 public:
  virtual ~LineReader() = default;
  // The next line without its line feed; nothing at the end of the input.
  [[nodiscard]] virtual std::optional<std::string> read_line() = 0;

  enum class More : std::uint8_t { Read, End, Cancelled };
  // Appends a line feed and the next line, of a text that `line` begins. Cancelled: the user pressed
  // Ctrl-C, and means neither of them.
  [[nodiscard]] virtual More read_more(std::string& line) = 0;
};

// Reads standard input.
[[nodiscard]] std::unique_ptr<LineReader> make_plain_reader();

struct TerminalOptions {
  std::string prompt;        // escapes are allowed, except at the end
  std::string more_prompt;   // of lines that continue a text
  std::string history_file;  // readable by the user alone; empty: no history is kept
  CompleteLine complete;
};

// Reads the terminal. Ctrl-C clears the line; Ctrl-D on an empty line ends the input. Null if the
// terminal cannot be used.
[[nodiscard]] std::unique_ptr<LineReader> make_terminal_reader(TerminalOptions options);

}  // namespace tenon::cli
