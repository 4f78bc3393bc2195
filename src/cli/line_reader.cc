// The reader for pipes and files, and the one for a terminal, over libedit.
//
// libedit waits for a key in read(2), and its own handling of a signal continues that wait. To let
// Ctrl-C clear the line, the terminal reader installs its own character function: it polls standard
// input together with a pipe, and the handler of SIGINT writes a byte to that pipe. The pipe is
// needed because the signal can arrive on any thread of the process, such as one of the engine, and
// then it does not interrupt the poll of this thread.
#include "cli/line_reader.h"

#include <fcntl.h>
#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cwchar>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/environment.h"
#include "cli/input_output.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

class PlainReader final : public LineReader {
 public:
  std::optional<std::string> read_line() override {
    // Whoever writes the lines can wait for the answer to the last one.
    flush_results();
    std::string line;
    int c = std::getc(stdin);
    if (c == EOF) return std::nullopt;
    for (; c != EOF && c != '\n'; c = std::getc(stdin)) line += static_cast<char>(c);
    return line;
  }

  More read_more(std::string& line) override {
    const std::optional<std::string> next = read_line();
    if (!next) return More::End;
    line += '\n' + *next;
    return More::Read;
  }
};

}  // namespace

std::unique_ptr<LineReader> make_plain_reader() { return std::make_unique<PlainReader>(); }

namespace {

constexpr int kHistoryLines = 1000;
// Marks the escapes in the prompt, which take no columns. libedit lets the program choose it.
constexpr char kEscapeMark = '\1';

// Set by Ctrl-C while a line is read. Globals, because a signal handler can use nothing else.
volatile sig_atomic_t was_line_interrupted = 0;
int interrupt_pipe[2] = {-1, -1};

// Runs on any thread. The byte in the pipe wakes the reader.
void note_interrupt(int /*signal*/) {
  const int errno_before = errno;
  was_line_interrupted = 1;
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = ::write(interrupt_pipe[1], &byte, 1);
  errno = errno_before;
}

// During the lifetime of this object, Ctrl-C clears the line instead of ending the process.
class InterruptGuard final {
 public:
  InterruptGuard() {
    if (interrupt_pipe[0] < 0 && ::pipe2(interrupt_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
    char byte = 0;
    while (::read(interrupt_pipe[0], &byte, 1) > 0) continue;
    was_line_interrupted = 0;
    struct sigaction action{};
    action.sa_handler = note_interrupt;
    ::sigaction(SIGINT, &action, &before_);
    is_set_ = true;
  }
  ~InterruptGuard() {
    if (is_set_) ::sigaction(SIGINT, &before_, nullptr);
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction before_{};
  bool is_set_ = false;
};

// Waits for a byte and reads it. Returns the result of read(2), or -1 if Ctrl-C came first.
ssize_t read_byte(char& byte) {
  while (was_line_interrupted == 0) {
    std::array<pollfd, 2> inputs = {{{STDIN_FILENO, POLLIN, 0}, {interrupt_pipe[0], POLLIN, 0}}};
    if (::poll(inputs.data(), inputs.size(), -1) < 0 && errno == EINTR) continue;
    if (was_line_interrupted != 0) break;
    if (inputs[0].revents == 0) continue;
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count >= 0 || errno != EINTR) return count;
  }
  return -1;
}

// Reads one character; replaces libedit's own function, which continues after a signal.
int read_character(EditLine* /*editor*/, wchar_t* character) {
  std::mbstate_t state{};
  while (true) {
    char byte = 0;
    const ssize_t count = read_byte(byte);
    if (count <= 0) return static_cast<int>(count);
    const std::size_t size = std::mbrtowc(character, &byte, 1, &state);
    if (size == static_cast<std::size_t>(-2)) continue;
    if (size != static_cast<std::size_t>(-1)) return 1;
    state = {};  // not a valid character: skip the byte
  }
}

// The longest common prefix.
std::string find_common_prefix(const std::vector<std::string>& words) {
  std::string common = words.empty() ? std::string() : words.front();
  for (const std::string& word : words) {
    const auto [end, unused] = std::ranges::mismatch(common, word);
    common.erase(end, common.end());
  }
  return common;
}

// The prompt with marks around its escapes.
std::string mark_escapes(std::string_view text) {
  std::string marked;
  bool is_escape = false;
  for (const char c : text) {
    if (c == '\x1b') {
      marked += kEscapeMark;
      is_escape = true;
    }
    marked += c;
    if (is_escape && c == 'm') {
      marked += kEscapeMark;
      is_escape = false;
    }
  }
  return marked;
}

struct CloseEditor {
  void operator()(EditLine* editor) const { el_end(editor); }
};
struct CloseHistory {
  void operator()(History* history) const { history_end(history); }
};

class TerminalReader final : public LineReader {
 public:
  explicit TerminalReader(TerminalOptions options)
      : options_(std::move(options)),
        history_(history_init()),
        editor_(el_init("tenon", stdin, stdout, stderr)) {
    if (!is_usable()) return;
    options_.prompt = mark_escapes(options_.prompt);
    options_.more_prompt = mark_escapes(options_.more_prompt);
    HistEvent event;
    history(history_.get(), &event, H_SETSIZE, kHistoryLines);
    history(history_.get(), &event, H_SETUNIQUE, 1);
    if (!options_.history_file.empty())
      history(history_.get(), &event, H_LOAD, options_.history_file.c_str());
    EditLine* const editor = editor_.get();
    el_set(editor, EL_CLIENTDATA, this);
    el_set(editor, EL_PROMPT_ESC, &TerminalReader::get_prompt, kEscapeMark);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_SIGNAL, 1);
    el_set(editor, EL_HIST, history, history_.get());
    el_set(editor, EL_GETCFN, read_character);
    // The narrow form of this function leaks memory.
    el_wset(editor, EL_ADDFN, L"tenon-complete", L"Complete the word", &TerminalReader::complete);
    el_set(editor, EL_BIND, "^I", "tenon-complete", nullptr);
    el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_source(editor, nullptr);
  }

  [[nodiscard]] bool is_usable() const { return history_ && editor_; }

  std::optional<std::string> read_line() override {
    prompt_ = &options_.prompt;
    std::string line;
    More read = More::Cancelled;
    while (read == More::Cancelled) read = edit_line(line);
    if (read == More::End) return std::nullopt;
    return line;
  }

  More read_more(std::string& line) override {
    prompt_ = &options_.more_prompt;
    std::string next;
    const More read = edit_line(next);
    if (read == More::Read) line += '\n' + next;
    return read;
  }

 private:
  More edit_line(std::string& line) {
    flush_results();
    el_resize(editor_.get());
    const InterruptGuard guard;
    // Sets the terminal to raw mode before the prompt appears, so that keys typed right after it
    // reach libedit.
    el_set(editor_.get(), EL_PREP_TERM, 1);
    int count = 0;
    const char* const text = el_gets(editor_.get(), &count);
    if (text != nullptr && count > 0 && was_line_interrupted == 0) {
      line = keep({text, static_cast<std::size_t>(count)});
      return More::Read;
    }
    std::fputc('\n', stdout);
    flush_results();
    if (was_line_interrupted == 0) return More::End;
    el_reset(editor_.get());
    return More::Cancelled;
  }

  static TerminalReader& get_self(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<TerminalReader*>(self);
  }

  static char* get_prompt(EditLine* editor) { return get_self(editor).prompt_->data(); }

  static unsigned char complete(EditLine* editor, int /*key*/) {
    const LineInfo* const line = el_line(editor);
    const std::string_view before(line->buffer,
                                  static_cast<std::size_t>(line->cursor - line->buffer));
    const LineCompletion completion = get_self(editor).options_.complete(before);
    const std::string common = find_common_prefix(completion.words);
    const std::size_t typed = before.size() - std::min(completion.begin, before.size());
    if (common.size() > typed) {
      el_insertstr(editor, common.c_str() + typed);
      return CC_REFRESH;
    }
    if (completion.words.size() < 2) return CC_REFRESH_BEEP;
    std::fputc('\n', stdout);
    for (const std::string& word : completion.words)
      std::printf("%s\n", sanitize_text(word).c_str());
    flush_results();
    return CC_REDISPLAY;
  }

  // Adds a line to the history. Returns it without its line feed.
  std::string keep(std::string line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    if (line.find_first_not_of(" \t") == std::string::npos) return line;
    HistEvent event;
    history(history_.get(), &event, H_ENTER, line.c_str());
    if (!options_.history_file.empty())
      history(history_.get(), &event, H_SAVE, options_.history_file.c_str());
    return line;
  }

  TerminalOptions options_;
  std::string* prompt_ = &options_.prompt;  // of the line that is read
  std::unique_ptr<History, CloseHistory> history_;
  std::unique_ptr<EditLine, CloseEditor> editor_;
};

// Creates the folder of the history. If that fails, the shell works without a history.
void make_folder(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path folder = fs::path(file).parent_path();
  if (!fs::create_directories(folder, failed)) return;
  fs::permissions(folder, fs::perms::owner_all, failed);
}

}  // namespace

std::unique_ptr<LineReader> make_terminal_reader(TerminalOptions options) {
  adopt_locale();
  if (!options.history_file.empty()) make_folder(options.history_file);
  auto reader = std::make_unique<TerminalReader>(std::move(options));
  if (!reader->is_usable()) return nullptr;
  return reader;
}

}  // namespace tenon::cli
