// Every interleaving of what two guests can do with the ends of one stream: each side takes up to
// three steps, in one domain and in two, and all results are compared with a model of the stream.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "runtime/channel.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tests/support/sanitizers.h"

namespace tenon::stream_steps_test {
namespace {

// Holds an end of a stream, and does with it what the program tells it to. OP is `read` or `write`,
// END `readable` or `writable`; the writer's `begin` makes the stream, the reader's asks for it. ASYNC
// is `async` if a cancellation may answer later.
constexpr std::string_view kGuest = R"((component
  IMPORT
  (type $items (stream u32))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  SOURCE
  (core func $transfer (canon stream.OP $items async (memory $memory)))
  (core func $cancel (canon stream.cancel-OP $items ASYNC))
  (core func $drop (canon stream.drop-END $items))
  (core func $set-new (canon waitable-set.new))
  (core func $set-poll (canon waitable-set.poll (memory $memory)))
  (core func $join (canon waitable.join))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "source" (func $source (result SOURCE-RESULT)))
    (import "" "transfer" (func $transfer (param i32 i32 i32) (result i32)))
    (import "" "cancel" (func $cancel (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "set-new" (func $set-new (result i32)))
    (import "" "set-poll" (func $set-poll (param i32 i32) (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (global $end (mut i32) (i32.const 0))
    (global $set (mut i32) (i32.const 0))
    (func $init (global.set $set (call $set-new)))
    (start $init)
    (func (export "begin") (result i32) (local $ends i64)
      BEGIN)
    (func (export "transfer") (param $item i32) (result i32)
      (i32.store (i32.const 16) (local.get $item))
      (call $transfer (global.get $end) (i32.const 16) (i32.const 1)))
    (func (export "item") (result i32) (i32.load (i32.const 16)))
    (func (export "cancel") (result i32) (call $cancel (global.get $end)))
    (func (export "drop") (call $drop (global.get $end)))
    ;; The status of the operation in progress, or BLOCKED.
    (func (export "poll") (result i32) (local $event i32)
      (call $join (global.get $end) (global.get $set))
      (local.set $event (call $set-poll (global.get $set) (i32.const 0)))
      (call $join (global.get $end) (i32.const 0))
      (select (i32.load (i32.const 4)) (i32.const -1) (local.get $event))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "source" (func $source))
    (export "transfer" (func $transfer)) (export "cancel" (func $cancel))
    (export "drop" (func $drop)) (export "set-new" (func $set-new))
    (export "set-poll" (func $set-poll)) (export "join" (func $join))))))
  (func $begin (result BEGIN-RESULT) (canon lift (core func $core "begin")))
  (func $transfer2 (param "item" u32) (result u32) (canon lift (core func $core "transfer")))
  (func $item (result u32) (canon lift (core func $core "item")))
  (func $cancel2 async (result u32) (canon lift (core func $core "cancel")))
  (func $drop2 (canon lift (core func $core "drop")))
  (func $poll (result u32) (canon lift (core func $core "poll")))
  (instance $end (export "begin" (func $begin)) (export "transfer" (func $transfer2))
    (export "item" (func $item)) (export "cancel" (func $cancel2)) (export "drop" (func $drop2))
    (export "poll" (func $poll)))
  (export "x:y/OP" (instance $end))))";

using Words = std::vector<std::pair<std::string_view, std::string_view>>;

std::vector<std::uint8_t> make_guest(const Words& words) {
  std::string text(kGuest);
  for (const auto& [from, to] : words)
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to);
  return *engine::wat_to_wasm("guest.wat", text);
}

std::vector<std::uint8_t> make_writer(std::string_view async) {
  return make_guest({{"IMPORT", ""},
                     {"SOURCE-RESULT", "i64"},
                     {"SOURCE", "(core func $source (canon stream.new $items))"},
                     {"BEGIN-RESULT", "$items"},
                     {"BEGIN", R"((local.set $ends (call $source))
                        (global.set $end (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
                        (i32.wrap_i64 (local.get $ends)))"},
                     {"ASYNC", async},
                     {"OP", "write"},
                     {"END", "writable"}});
}

std::vector<std::uint8_t> make_reader(std::string_view async) {
  return make_guest(
      {{"IMPORT",
        R"((import "x:y/write" (instance $writer (export "begin" (func (result (stream u32)))))))"},
       {"SOURCE-RESULT", "i32"},
       {"SOURCE", R"((core func $source (canon lower (func $writer "begin"))))"},
       {"BEGIN-RESULT", "u32"},
       {"BEGIN", "(global.set $end (call $source)) (i32.const 0)"},
       {"ASYNC", async},
       {"OP", "read"},
       {"END", "readable"}});
}

// The status of an operation: BLOCKED, or how it ended and, from bit 4, how many items were passed.
constexpr std::uint32_t kBlocked = 0xffffffff;
constexpr std::uint32_t kCompleted = 0;
constexpr std::uint32_t kDropped = 1;
constexpr std::uint32_t kCancelled = 2;
constexpr std::uint32_t kOneItem = 1 << 4;

enum class Step { Transfer, Cancel, Drop };
enum class Side { Writer, Reader };
using Steps = std::vector<Step>;

// An observed result, such as `read 2` (an item), `write, cancelled`, `read 3, dropped`.
using Events = std::vector<std::string>;

// An end that knows which steps the component model allows: one operation at a time, none after the
// other end was found to be dropped. A forbidden step is left out.
class End {
 public:
  explicit End(Side side) : side_(side) {}
  virtual ~End() = default;

  void take(Step step, Events& events) {
    switch (step) {
      case Step::Transfer:
        if (is_pending_ || is_done_ || is_dropped_) return;
        is_pending_ = true;
        return note(transfer(), events);
      case Step::Cancel:
        if (!is_pending_ || is_cancelled_) return;
        is_cancelled_ = true;
        return note(cancel(), events);
      case Step::Drop:
        if (is_dropped_) return;
        take(Step::Cancel, events);
        settle(events);
        EXPECT_FALSE(is_pending_) << "the cancellation has not ended";
        drop();
        is_dropped_ = true;
    }
  }
  // Notes the end of the operation in progress, if it has ended.
  void settle(Events& events) {
    if (is_pending_) note(poll(), events);
  }
  // The items that were passed, according to this end.
  [[nodiscard]] const std::vector<std::uint32_t>& items() const { return items_; }

 protected:
  virtual std::uint32_t transfer() = 0;
  virtual std::uint32_t cancel() = 0;
  virtual void drop() = 0;
  virtual std::uint32_t poll() = 0;
  virtual std::uint32_t item() = 0;

 private:
  void note(std::uint32_t status, Events& events) {
    if (status == kBlocked) return;
    is_pending_ = false;
    is_cancelled_ = false;
    const std::uint32_t count = status / kOneItem;
    const std::uint32_t state = status % kOneItem;
    is_done_ = state == kDropped;
    std::string event = side_ == Side::Writer ? "write" : "read";
    if (count != 0) {
      EXPECT_EQ(count, 1U);
      items_.push_back(item());
      event += " " + std::to_string(items_.back());
    }
    if (state == kDropped) event += ", dropped";
    if (state == kCancelled) event += ", cancelled";
    events.push_back(std::move(event));
  }

  Side side_;
  bool is_pending_ = false;
  bool is_cancelled_ = false;  // the operation in progress
  bool is_done_ = false;
  bool is_dropped_ = false;
  std::vector<std::uint32_t> items_;
};

// The end that a guest holds.
class GuestEnd final : public End {
 public:
  GuestEnd(Composition& composition, Side side)
      : End(side), composition_(composition), side_(side) {
    const char* const interface = side == Side::Writer ? "x:y/write" : "x:y/read";
    transfer_.emplace(*composition.function<std::uint32_t(std::uint32_t)>(interface, "transfer"));
    item_.emplace(*composition.function<std::uint32_t()>(interface, "item"));
    cancel_.emplace(*composition.function<std::uint32_t()>(interface, "cancel"));
    drop_.emplace(*composition.function<void()>(interface, "drop"));
    poll_.emplace(*composition.function<std::uint32_t()>(interface, "poll"));
  }

 protected:
  std::uint32_t transfer() override {
    return *(*transfer_)(side_ == Side::Writer ? ++written_ : 0);
  }
  std::uint32_t cancel() override { return *(*cancel_)(); }
  void drop() override { EXPECT_TRUE((*drop_)()); }
  std::uint32_t poll() override {
    composition_.poll();
    return *(*poll_)();
  }
  std::uint32_t item() override { return *(*item_)(); }

 private:
  Composition& composition_;
  Side side_;
  std::uint32_t written_ = 0;
  std::optional<TypedFunction<std::uint32_t(std::uint32_t)>> transfer_;
  std::optional<TypedFunction<std::uint32_t()>> item_;
  std::optional<TypedFunction<std::uint32_t()>> cancel_;
  std::optional<TypedFunction<void()>> drop_;
  std::optional<TypedFunction<std::uint32_t()>> poll_;
};

// The state of a stream in the model.
struct Stream {
  bool is_buffered = false;
  std::deque<std::uint32_t> buffer;  // items that were written and not read
  bool is_dropped[2] = {};
  // The operation in progress of each side: its status, when it has one.
  std::optional<std::uint32_t> status[2];
  std::uint32_t item[2] = {};
};

// The end of a stream as the component model describes it, and docs/domains.md its buffer.
class ModelEnd final : public End {
 public:
  ModelEnd(Stream& stream, Side side)
      : End(side), stream_(stream), self_(side == Side::Writer ? 0 : 1), other_(1 - self_) {}

 protected:
  std::uint32_t transfer() override {
    if (self_ == 0) stream_.item[0] = ++written_;
    if (self_ == 1 && !stream_.buffer.empty()) {
      stream_.item[1] = stream_.buffer.front();
      stream_.buffer.pop_front();
      // The end of the stream is told with its last item.
      const bool is_last = stream_.buffer.empty() && stream_.is_dropped[0];
      return (is_last ? kDropped : kCompleted) | kOneItem;
    }
    if (stream_.is_dropped[other_]) return kDropped;
    if (stream_.status[other_] == kBlocked) {
      stream_.item[1] = stream_.item[0];
      stream_.status[other_] = kCompleted | kOneItem;
      return kCompleted | kOneItem;
    }
    if (self_ == 0 && stream_.is_buffered) {
      stream_.buffer.push_back(stream_.item[0]);
      return kCompleted | kOneItem;
    }
    stream_.status[self_] = kBlocked;
    return kBlocked;
  }
  std::uint32_t cancel() override {
    const std::uint32_t status = *std::exchange(stream_.status[self_], std::nullopt);
    return status == kBlocked ? kCancelled : status;
  }
  void drop() override {
    stream_.is_dropped[self_] = true;
    if (stream_.status[other_] == kBlocked) stream_.status[other_] = kDropped;
  }
  std::uint32_t poll() override {
    if (*stream_.status[self_] == kBlocked) return kBlocked;
    return *std::exchange(stream_.status[self_], std::nullopt);
  }
  std::uint32_t item() override { return stream_.item[self_]; }

 private:
  Stream& stream_;
  std::size_t self_;
  std::size_t other_;
  std::uint32_t written_ = 0;
};

// All sequences of up to `length` steps; nothing follows a drop.
std::vector<Steps> list_sequences(std::size_t length) {
  std::vector<Steps> all = {{}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Steps steps = all[i];
    if (steps.size() == length || (!steps.empty() && steps.back() == Step::Drop)) continue;
    for (const Step next : {Step::Transfer, Step::Cancel, Step::Drop}) {
      all.push_back(steps);
      all.back().push_back(next);
    }
  }
  return all;
}

using Turns = std::vector<std::pair<Side, Step>>;

// Calls `f` with `turns` and the rest of both sequences, in every order.
void interleave(const Steps& writer, const Steps& reader, Turns& turns,
                const std::function<void(const Turns&)>& f, std::size_t w = 0, std::size_t r = 0) {
  if (w == writer.size() && r == reader.size()) return f(turns);
  if (w < writer.size()) {
    turns.emplace_back(Side::Writer, writer[w]);
    interleave(writer, reader, turns, f, w + 1, r);
    turns.pop_back();
  }
  if (r < reader.size()) {
    turns.emplace_back(Side::Reader, reader[r]);
    interleave(writer, reader, turns, f, w, r + 1);
    turns.pop_back();
  }
}

std::string print(const Turns& turns) {
  static constexpr const char* kNames[2][3] = {{"write", "cancel-write", "drop-writable"},
                                               {"read", "cancel-read", "drop-readable"}};
  std::string text;
  for (const auto& [side, step] : turns) {
    if (!text.empty()) text += ", ";
    text += kNames[static_cast<int>(side)][static_cast<int>(step)];
  }
  return text;
}

// Whether both sides learn after each step what has ended.
enum class Settle { No, Yes };

// Takes all turns, and then drops both ends. Returns what happened in each turn.
std::vector<Events> run(End& writer, End& reader, const Turns& turns, Settle settle) {
  std::vector<Events> all;
  const auto take = [&](Side side, Step step) {
    Events events;
    (side == Side::Writer ? writer : reader).take(step, events);
    if (settle == Settle::Yes) {
      writer.settle(events);
      reader.settle(events);
    }
    std::ranges::sort(events);
    all.push_back(std::move(events));
  };
  for (const auto& [side, step] : turns) take(side, step);
  take(Side::Writer, Step::Drop);
  take(Side::Reader, Step::Drop);
  return all;
}

enum class Domains { One, Two, TwoWithBuffer };
enum class Cancelling { Waits, AnswersLater };

class StreamSteps : public testing::TestWithParam<std::tuple<Domains, Cancelling>> {
 protected:
  StreamSteps() {
    CompositionBuilder builder;
    const char* const async = std::get<1>(GetParam()) == Cancelling::Waits ? "" : "async";
    builder.add_component("writer", make_writer(async));
    builder.add_component("reader", make_reader(async));
    builder.export_item("writer", "x:y/write").export_item("reader", "x:y/read");
    if (domains() != Domains::One) builder.isolate_all();
    if (domains() == Domains::Two) builder.set_stream_buffer(0);
    Result<Composition> built = builder.build();
    EXPECT_TRUE(built) << built.error().front().message;
    composition_.emplace(*std::move(built));
    begin_.emplace(*composition_->function<std::uint32_t()>("x:y/read", "begin"));
  }

  static Domains domains() { return std::get<0>(GetParam()); }
  // Passes as many items as a stream passes before it uses its buffer.
  static void fill_up_to_buffer(End& writer, End& reader) {
    if (domains() != Domains::TwoWithBuffer) return;
    Events events;
    for (unsigned i = 0; i < runtime::kUnbufferedWrites; ++i) {
      writer.take(Step::Transfer, events);
      reader.take(Step::Transfer, events);
      writer.settle(events);
      reader.settle(events);
    }
  }
  // Calls `f` with every order in which two sequences of steps can run, until a test fails.
  static void for_each_order(const std::function<void(const Turns&)>& f) {
    std::size_t count = 0;
    const auto call = [&](const Turns& order) {
      if (!HasFailure()) f(order);
      ++count;
    };
    const bool is_short =
        kHasAddressSanitizer || kHasThreadSanitizer || domains() == Domains::TwoWithBuffer;
    const std::vector<Steps> sequences = list_sequences(is_short ? 2 : 3);
    Turns turns;
    for (const Steps& writer : sequences)
      for (const Steps& reader : sequences) interleave(writer, reader, turns, call);
    EXPECT_EQ(count, is_short ? 361U : 4993U);
  }

  std::optional<Composition> composition_;
  std::optional<TypedFunction<std::uint32_t()>> begin_;
};

TEST_P(StreamSteps, HaveTheResultsOfTheModel) {
  for_each_order([&](const Turns& order) {
    Stream stream;
    ModelEnd model_writer(stream, Side::Writer);
    ModelEnd model_reader(stream, Side::Reader);
    fill_up_to_buffer(model_writer, model_reader);
    stream.is_buffered = domains() == Domains::TwoWithBuffer;
    ASSERT_TRUE((*begin_)());
    GuestEnd writer(*composition_, Side::Writer);
    GuestEnd reader(*composition_, Side::Reader);
    fill_up_to_buffer(writer, reader);
    EXPECT_EQ(run(writer, reader, order, Settle::Yes),
              run(model_writer, model_reader, order, Settle::Yes))
        << print(order);
  });
}

// When a side learns what the other did then depends on the domains, but not which items passed.
TEST_P(StreamSteps, PassTheSameItemsIfNobodyWaits) {
  for_each_order([&](const Turns& order) {
    ASSERT_TRUE((*begin_)());
    GuestEnd writer(*composition_, Side::Writer);
    GuestEnd reader(*composition_, Side::Reader);
    fill_up_to_buffer(writer, reader);
    (void)run(writer, reader, order, Settle::No);
    std::vector<std::uint32_t> written = writer.items();
    // Buffered items are lost with their reader.
    if (domains() == Domains::TwoWithBuffer)
      written.resize(std::min(written.size(), reader.items().size()));
    EXPECT_EQ(reader.items(), written) << print(order);
  });
}

std::string name_row(const testing::TestParamInfo<std::tuple<Domains, Cancelling>>& row) {
  static constexpr const char* kDomains[] = {"OneDomain", "TwoDomains", "TwoDomainsWithBuffer"};
  static constexpr const char* kCancelling[] = {"", "AndAsyncCancelling"};
  return std::string(kDomains[static_cast<int>(std::get<0>(row.param))]) +
         kCancelling[static_cast<int>(std::get<1>(row.param))];
}

INSTANTIATE_TEST_SUITE_P(
    , StreamSteps,
    testing::Combine(testing::Values(Domains::One, Domains::Two, Domains::TwoWithBuffer),
                     testing::Values(Cancelling::Waits, Cancelling::AnswersLater)),
    name_row);

}  // namespace
}  // namespace tenon::stream_steps_test
