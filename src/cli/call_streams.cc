// A thread reads each file, because reads can block, and the guests have to run meanwhile. It reads
// one block at a time, when the last one was written.
#include "cli/call_streams.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

#include "cli/input_output.h"
#include "support/start_thread.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

constexpr std::size_t kBlock = 65536;
// Items that are printed at once.
constexpr std::size_t kMostRead = 1024;

}  // namespace

// State that the stream shares with the thread that reads its file. Owned by both: a read can still
// block when the command ends.
struct StreamInput::Feed {
  std::shared_ptr<std::FILE> file;
  std::mutex mutex;
  std::condition_variable changed;
  bool is_wanted = false;  // whether the thread should read a block
  bool is_over = false;    // whether there are no more blocks
  std::optional<std::string> block;
  bool is_at_end = false;
  int error = 0;

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return is_wanted || is_over; });
      if (is_over) return;
      is_wanted = false;
      lock.unlock();
      std::string read(kBlock, '\0');
      errno = 0;
      // Unlike std::fread, it returns what a terminal or a pipe has.
      const ssize_t count = ::read(fileno(file.get()), read.data(), read.size());
      const int reason = errno;
      lock.lock();
      read.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
      block = std::move(read);
      if (count == 0) is_at_end = true;
      if (count < 0) error = reason;
      changed.notify_all();
    }
  }
  void want() {
    {
      const std::lock_guard lock(mutex);
      is_wanted = true;
    }
    changed.notify_all();
  }
};

StreamInput::StreamInput(std::shared_ptr<std::FILE> file, std::string name, ArgumentText::Form form,
                         const Type& type)
    : name_(std::move(name)),
      form_(form),
      item_(type.element()),
      is_future_(type.kind() == TypeKind::Future),
      is_bytes_(!is_future_ && item_ && item_->kind() == TypeKind::U8),
      feed_(std::make_shared<Feed>()),
      value_(Value::none()) {
  auto [writer, value] = ValueStreamWriter::make(type);
  writer_.emplace(std::move(writer));
  value_ = std::move(value);
  feed_->file = std::move(file);
  auto started = start_thread([feed = feed_] { feed->run(); });
  if (!started) {
    end({thread_problem("the file", started.error())});
    return;
  }
  started->detach();
  feed_->want();
}

StreamInput::~StreamInput() {
  {
    const std::lock_guard lock(feed_->mutex);
    feed_->is_over = true;
  }
  feed_->changed.notify_all();
}

bool StreamInput::is_reading() const { return writer_ && !write_; }

void StreamInput::wait_for_file() {
  using namespace std::chrono_literals;
  std::unique_lock lock(feed_->mutex);
  feed_->changed.wait_for(lock, 50ms, [&] { return feed_->block.has_value(); });
}

bool StreamInput::proceed() {
  if (!writer_) return false;
  if (write_) {
    if (!write_->is_done()) return false;
    std::optional<CallResult<bool>> written = write_->wait();
    write_.reset();
    if (!*written) {
      end(written->error().problems);
    } else if (!**written || is_future_) {
      end({});  // nobody reads any more, or it was all
    } else {
      write_next();
    }
    return true;
  }
  {
    const std::lock_guard lock(feed_->mutex);
    if (!feed_->block) return false;
    bytes_.erase(0, std::exchange(line_at_, 0));
    searched_ = bytes_.size();
    bytes_ += *std::exchange(feed_->block, std::nullopt);
    is_at_end_ = feed_->is_at_end;
    if (feed_->error != 0) {
      Diagnostic problem = make_read_problem(name_, feed_->error);
      problem.hints = {"what was read before was passed on"};
      end({std::move(problem)});
      return true;
    }
  }
  write_next();
  return true;
}

// Writes a block of bytes, or the next line, or asks for more of the file.
void StreamInput::write_next() {
  if (is_bytes_ && !bytes_.empty()) {
    block_ = std::exchange(bytes_, {});
    write_.emplace(writer_->write_bytes(
        {reinterpret_cast<const std::uint8_t*>(block_.data()), block_.size()}));
    return;
  }
  while (!is_bytes_ && writer_ && !write_) {
    const std::size_t line_end =
        is_future_ ? std::string::npos : bytes_.find('\n', std::max(line_at_, searched_));
    const bool is_last = line_end == std::string::npos;
    if (is_last && (!is_at_end_ || (line_at_ == bytes_.size() && !is_future_))) break;
    const std::size_t size = (is_last ? bytes_.size() : line_end) - line_at_;
    const std::string text = bytes_.substr(line_at_, size);
    line_at_ = std::min(line_at_ + size + 1, bytes_.size());
    ++line_;
    if (is_future_ || text.find_first_not_of(" \t\r") != std::string::npos) write_item(text);
  }
  if (!writer_ || write_) return;
  if (is_at_end_) return end({});
  feed_->want();
}

void StreamInput::write_item(const std::string& text) {
  if (!item_) {
    write_.emplace(writer_->write(Value::tuple({})));
    return;
  }
  ValueTextOptions options;
  options.file = name_;
  Result<Value> value = form_ == ArgumentText::Form::Json ? parse_json(text, *item_, options)
                                                          : parse_wave(text, *item_, options);
  if (value) {
    write_.emplace(writer_->write(*std::move(value)));
    return;
  }
  Diagnostics problems = std::move(value).error();
  for (Diagnostic& problem : problems) {
    problem.where.line += static_cast<std::uint32_t>(line_ - 1);
    problem.notes.push_back(
        {fmt::format("the stream ended before line {} of {}", line_, sanitize_text(name_)),
         {},
         {}});
  }
  end(std::move(problems));
}

void StreamInput::end(Diagnostics problems) {
  problems_ = std::move(problems);
  writer_.reset();
}

StreamOutput::StreamOutput(ValueStream stream, OutputFormat format, std::FILE* to)
    : stream_(std::move(stream)), format_(format), to_(to) {}

bool StreamOutput::proceed() {
  if (is_done_) return false;
  if (stream_.has_bytes() && format_ != OutputFormat::Json) {
    if (!bytes_) {
      buffer_.resize(kBlock);
      bytes_.emplace(stream_.read_bytes(buffer_));
    }
    if (!bytes_->is_done()) return false;
    const std::optional<CallResult<std::size_t>> read = bytes_->wait();
    bytes_.reset();
    if (!take(*read, *read && **read == 0)) return true;
    print_result({reinterpret_cast<const char*>(buffer_.data()), **read}, to_);
  } else {
    if (!items_) items_.emplace(stream_.read(kMostRead));
    if (!items_->is_done()) return false;
    std::optional<CallResult<std::vector<Value>>> read = items_->wait();
    items_.reset();
    if (!take(*read, *read && (*read)->empty())) return true;
    for (Value& item : **read) {
      print_result((format_ == OutputFormat::Json ? print_json(item) : print_wave(item)) + "\n",
                   to_);
      last_ = std::move(item);
    }
    is_done_ = stream_.is_future();
  }
  flush_results(to_);
  return true;
}

// Whether there is something to print.
template <class T>
bool StreamOutput::take(const CallResult<T>& result, bool is_end) {
  if (!result) failure_ = result.error();
  is_done_ = !result || is_end;
  return !is_done_;
}

}  // namespace tenon::cli
