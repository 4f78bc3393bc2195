// An end of a stream or future that native code has, which it knows by a number, as it knows its
// deferred calls (completion.h).
//
// Native code begins operations on any thread. They run on the thread of the composition, on a
// channel (runtime/channel.h): tried at once, and again after each change of the other end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "abi/value_arena.h"
#include "host/native_home.h"
#include "runtime/channel.h"
#include "runtime/domain.h"
#include "runtime/program_stream.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

class NativeStream final : public std::enable_shared_from_this<NativeStream> {
 public:
  // For native code. Thread: any.

  // The writable end of a new stream, which has no type before it is passed.
  [[nodiscard]] static tenon_stream make();
  // Null if native code has no such end.
  [[nodiscard]] static std::shared_ptr<NativeStream> find(tenon_stream number);
  // Whether its readable end can be in a result: it was received and not read, or not passed yet, also if
  // it was closed.
  [[nodiscard]] static bool can_pass(tenon_stream number);

  struct Operation {
    const tenon_value* items = nullptr;  // null: a read
    std::size_t most = 0;                // of a read
    tenon_stream_done done = nullptr;
    void* data = nullptr;
    // For a write: the number of items taken so far, and the items offered to the channel.
    std::size_t written = 0;
    std::unique_ptr<abi::ValueArena> offered = {};
  };
  // False if it is of the other direction, or an operation is in progress.
  [[nodiscard]] bool start(Operation operation);
  static void close(tenon_stream number);

  // For the composition, on its thread.

  // Native code receives a readable end.
  [[nodiscard]] static tenon_stream receive(std::shared_ptr<runtime::ReadableEnd> end,
                                            NativeHome& home, runtime::Shared& shared);
  // Native code passes a readable end. Null if it cannot, because it passed it twice, as another type or
  // to another composition.
  [[nodiscard]] static std::shared_ptr<runtime::ReadableEnd> pass(tenon_stream number,
                                                                  const runtime::StreamKind& kind,
                                                                  NativeHome& home,
                                                                  runtime::Shared& shared);
  // The same, but nobody receives it. Needs no memory.
  static void pass_to_nobody(tenon_stream number, const runtime::StreamKind& kind, NativeHome& home,
                             runtime::Shared& shared);
  // The end of a stream that is closed.
  [[nodiscard]] static std::shared_ptr<runtime::ReadableEnd> make_closed(
      const runtime::StreamKind& kind, runtime::Shared& shared);
  // Ends all operations of native code, and closes its ends.
  static void end_all(NativeHome& home);

 private:
  explicit NativeStream(tenon_stream number) : number_(number) {}
  [[nodiscard]] static std::shared_ptr<NativeStream> make(tenon_stream number);

  // Lets native code give up its readable end. Returns false if it cannot pass it. received: becomes that end, unless
  // `writer_` makes it. Needs no memory.
  [[nodiscard]] bool give_up_reader(const runtime::StreamKind& kind, NativeHome& home,
                                    runtime::Shared& shared,
                                    std::shared_ptr<runtime::ReadableEnd>& received);
  // REQUIRES: the lock is held
  [[nodiscard]] bool is_passable() const { return !is_passed_ && !(is_readable_ && is_used_); }
  void attach(NativeHome& home, runtime::Shared& shared);
  void post_turn();
  // Goes on with the operation, or ends.
  void turn();
  void read();
  void write();
  // Offers or stores the next items of a write. False if they are not of the type.
  [[nodiscard]] bool pass_items(runtime::Channel& channel, std::size_t rest);
  void wait_for(runtime::ProgramEnd& end);
  void finish(const tenon_value* items, std::size_t count, std::int32_t state);
  void fail(const char* why);
  void end();

  const tenon_stream number_;
  runtime::Scheduler::Posting turn_;

  // The following members are used on the composition's thread alone.
  NativeHome* home_ = nullptr;             // null before it is attached, and after its end
  NativeHome::Streams entry_ = {nullptr};  // of the streams of its home, before it has one
  NativeHome::Streams::iterator place_ = {};
  std::shared_ptr<runtime::ReadableEnd>
      readable_;  // until the first read, or until it is passed on
  std::optional<runtime::ProgramReader> reader_;
  runtime::ProgramWriter writer_;

  std::mutex mutex_;                   // guards what follows
  runtime::Shared* shared_ = nullptr;  // as `home_`
  bool is_readable_ = false;           // native code received it
  bool is_passed_ = false;
  bool is_used_ = false;  // an operation was begun
  bool is_closed_ = false;
  std::optional<Operation> operation_;
};

}  // namespace tenon::host
