// Reads and writes of the program as tasks. An operation tries what it can do at once, and again
// after each change that its end of the channel is notified of, until it is done.
//
// Reads and writes with C++ types and with `Value`s differ in where items go and come from: a sink
// and a source. Both can have items in memory of the program as in that of a guest, which are then
// copied from one to the other; all others go through an arena.
#include "tenon/stream.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <new>
#include <optional>
#include <utility>

#include "api/pending_call.h"
#include "call/arena_buffer.h"
#include "call/canonical_values.h"
#include "link/running.h"
#include "program/handle_exchange.h"
#include "runtime/program_call.h"
#include "runtime/program_stream.h"
#include "runtime/shared.h"
#include "runtime/task_home.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon {

namespace {

using runtime::Channel;
using runtime::StreamKind;
using RunningPtr = std::shared_ptr<link::Running>;

// Items that go through an arena at once take no more memory, but one item can.
constexpr std::size_t kBatchBytes = std::size_t{1} << 20;
// Items in place that are passed at once: addresses have 32 bits.
constexpr std::size_t kPlaceBytes = std::size_t{1} << 30;

CallFailure bad_item(Diagnostics problems) {
  return detail::refuse_call("a stream", std::move(problems));
}
CallFailure bad_item(const abi::AbiError& error) {
  return bad_item({runtime::value_problem(error)});
}

CallFailure ended(const char* message) {
  return runtime::make_failure(CallFailure::Kind::Ended, message);
}

std::uint32_t items_within(std::size_t bytes, const StreamKind& kind) {
  return static_cast<std::uint32_t>(std::max<std::size_t>(1, bytes / kind.size));
}

// Null if it is gone.
RunningPtr running_of(const runtime::Shared* shared) {
  return shared == nullptr ? nullptr
                           : std::static_pointer_cast<link::Running>(shared->owner.lock());
}

// Enters a composition for a scope, unless it is gone.
class Entry final {
 public:
  explicit Entry(RunningPtr running) : running_(std::move(running)) {
    if (running_ != nullptr) entry_.emplace(*running_->shared.lock);
  }

  // Null if the thread may go on.
  [[nodiscard]] const CallFailure* failure() const {
    return entry_ && !entry_->is_in() ? &entry_->failure() : nullptr;
  }

 private:
  RunningPtr running_;
  std::optional<runtime::OwnerLock::Entry> entry_;
};

// An operation of one end, as the state of a task. `Operation` has:
//   using Output = ...;                             of the task
//   std::optional<CallResult<Output>> try_now()     nothing: it has to wait
//   std::optional<CallResult<Output>> stop()        what was done; nothing: nothing
//   runtime::ProgramEnd& end()
//   void watch()                                    the end; before `try_now`
//   RunningPtr running()
//   bool& is_busy()                                 of its end
template <class Operation>
class OperationState final : public detail::TaskState<CallResult<typename Operation::Output>> {
 public:
  OperationState(Operation operation, std::shared_ptr<detail::Driver> driver)
      : operation_(std::move(operation)), driver_(std::move(driver)) {}

  void start() {
    const Entry entry(operation_.running());
    if (entry.failure() != nullptr) return this->set_value(*entry.failure());
    if (operation_.is_busy())
      return this->set_value(bad_item({make_diagnostic(
          Code::ValueHandle, "another read or write of this end is in progress")}));
    operation_.is_busy() = true;
    proceed();
  }

  void release() override {
    is_released_ = true;
    if (!is_trying_) delete this;
  }
  void cancel() override {
    if (this->is_done()) return;
    if (is_trying_) {
      is_cancelled_ = true;
      return;
    }
    const Entry entry(operation_.running());
    std::optional<Outcome> outcome = operation_.stop();
    finish(outcome ? *std::move(outcome)
                   : runtime::make_failure(CallFailure::Kind::Interrupted,
                                           "the operation was cancelled"));
  }
  [[nodiscard]] std::shared_ptr<detail::Driver> driver() const override { return driver_; }

 private:
  using Outcome = CallResult<typename Operation::Output>;

  ~OperationState() override {
    if (this->is_done()) return;
    const Entry entry(operation_.running());
    (void)operation_.stop();
    operation_.is_busy() = false;
  }

  void proceed() {
    std::optional<Outcome> outcome;
    std::exception_ptr failure;
    // Guests run meanwhile, and functions of the program, which can cancel it.
    is_trying_ = true;
    try {
      operation_.watch();
      outcome = operation_.try_now();
    } catch (const std::bad_alloc&) {
      failure = std::current_exception();
    }
    is_trying_ = false;
    if (is_released_) {
      delete this;
      return;
    }
    if (failure != nullptr) return fail_with(std::move(failure));
    if (outcome) return finish(*std::move(outcome));
    if (is_cancelled_) return cancel();
    wait();
  }

  void wait() {
    const std::weak_ptr<OperationState*> link = link_;
    try {
      operation_.end().notify([link] {
        const auto state = link.lock();
        if (state != nullptr && !(*state)->is_done()) (*state)->proceed();
      });
    } catch (const std::bad_alloc&) {
      // It may have ended meanwhile, and the program with it.
      if (link.expired() || this->is_done()) throw;
      fail_with(std::current_exception());
    }
  }

  void finish(Outcome outcome) {
    operation_.is_busy() = false;
    this->set_value(std::move(outcome));
    this->run_continuation();
  }
  void fail_with(std::exception_ptr failure) {
    (void)operation_.stop();
    operation_.is_busy() = false;
    this->set_exception(std::move(failure));
    this->run_continuation();
  }

  Operation operation_;
  std::shared_ptr<detail::Driver> driver_;
  bool is_trying_ = false;
  bool is_released_ = false;   // while it was trying
  bool is_cancelled_ = false;  // while it was trying
  // This object, as long as it exists.
  std::shared_ptr<OperationState*> link_ = std::make_shared<OperationState*>(this);
};

template <class Operation>
auto start(Operation operation, std::shared_ptr<detail::Driver> driver) {
  auto* const state = new OperationState<Operation>(std::move(operation), std::move(driver));
  Task<CallResult<typename Operation::Output>> task(state);
  state->start();
  return task;
}

}  // namespace

// Reading.

struct detail::ReaderState {
  ReaderState(std::weak_ptr<link::Running> composition, std::shared_ptr<runtime::ReadableEnd> end)
      : running(std::move(composition)),
        kind(end->channel().shared_kind()),
        reader(std::in_place, std::move(end)) {}
  ReaderState(const ReaderState&) = delete;
  ReaderState& operator=(const ReaderState&) = delete;
  ~ReaderState() {
    // Ends in the composition, which another thread can be in.
    const Entry entry(running.lock());
    if (entry.failure() == nullptr) reader.reset();
  }

  std::weak_ptr<link::Running> running;
  std::shared_ptr<const StreamKind> kind;
  std::optional<runtime::ProgramReader> reader;
  bool is_busy = false;
};

namespace {

using ReaderPtr = std::shared_ptr<detail::ReaderState>;

// Reads up to a number of items. `Sink` has:
//   using Output = ...;   with the items of a read
//   HandlesAre kHandles
//   std::size_t most
//   std::span<std::uint8_t> place(kind)   where items lie as in a guest's memory; empty: nowhere
//   Output placed(count)                  after items were copied there
//   Output empty(count)                   for items without payload
//   CallResult<Output> load(kind, buffer, exchange, address, count)
template <class Sink>
struct Read {
  using Output = typename Sink::Output;
  using Outcome = std::optional<CallResult<Output>>;

  ReaderPtr state;
  Sink sink;

  runtime::ProgramReader& end() { return *state->reader; }
  void watch() { end().watch(); }
  RunningPtr running() { return state->running.lock(); }
  bool& is_busy() { return state->is_busy; }

  Outcome take_placed() {
    const std::size_t count = end().take_filled();
    if (count == 0) return std::nullopt;
    return sink.placed(count);
  }

  Outcome stop() {
    if (running() != nullptr) end().channel().stop_waiting();
    return take_placed();
  }

  Outcome try_now() {
    if (Outcome placed = take_placed()) return placed;
    const RunningPtr composition = running();
    if (composition == nullptr) return ended("the composition of the stream is gone");
    Channel& channel = end().channel();
    if (channel.available() == 0 && channel.has_writer()) {
      if (state->kind->items != StreamKind::Items::Deep) end().fill(sink.place(*state->kind));
      channel.wait(sink.most);
      if (Outcome placed = end().is_filled() ? take_placed() : std::nullopt) return placed;
    }
    if (channel.available() != 0) {
      (void)end().take_filled();
      return read(composition, channel, std::min(channel.available(), sink.most));
    }
    if (channel.has_writer()) return std::nullopt;
    (void)end().take_filled();
    if (state->kind->is_future) return ended("the writer of the future ended without a value");
    return Output();
  }

  CallResult<Output> read(const RunningPtr& composition, Channel& channel, std::size_t count) {
    const StreamKind& kind = *state->kind;
    if (kind.item == nullptr) {
      channel.read_bytes(nullptr, count);
      return sink.empty(count);
    }
    if (kind.items != StreamKind::Items::Deep) {
      if (const std::span<std::uint8_t> place = sink.place(kind); !place.empty()) {
        count = std::min<std::size_t>(count, items_within(kPlaceBytes, kind));
        if (const auto copied = channel.read(place, count); !copied)
          return bad_item(copied.error());
        return sink.placed(count);
      }
    }
    count = std::min<std::size_t>(count, items_within(kBatchBytes, kind));
    runtime::Transit transit(composition->shared.resources);
    program::NativeExchange exchange(composition, *kind.item, Sink::kHandles);
    const program::NativeExchange::Call in_call(exchange, composition->shared, transit);
    call::ArenaBuffer buffer(exchange);
    const auto address =
        buffer.arena().allocate(static_cast<std::uint32_t>(count * kind.size), kind.align);
    if (!address) return bad_item(address.error());
    if (const auto copied = channel.read(buffer.arena(), *address, count, transit); !copied)
      return bad_item(copied.error());
    buffer.refresh();
    return sink.load(kind, buffer, exchange, *address, count);
  }
};

// For an array of the program.
struct ArraySink {
  using Output = std::size_t;
  static constexpr program::HandlesAre kHandles = program::HandlesAre::Objects;

  const detail::ItemCodec* codec;
  void* to;
  std::size_t most;

  [[nodiscard]] std::span<std::uint8_t> place(const StreamKind& kind) const {
    if (codec == nullptr || !codec->has_same_bytes()) return {};
    return {static_cast<std::uint8_t*>(to),
            std::min<std::size_t>(most, items_within(kPlaceBytes, kind)) * kind.size};
  }
  [[nodiscard]] static std::size_t placed(std::size_t count) { return count; }
  [[nodiscard]] static std::size_t empty(std::size_t count) { return count; }
  [[nodiscard]] CallResult<std::size_t> load(const StreamKind& /*kind*/, call::ArenaBuffer& buffer,
                                             program::NativeExchange& /*exchange*/,
                                             std::uint32_t address, std::size_t count) const {
    codec->load(buffer, address, count, to);
    return count;
  }
};

struct ValueSink {
  using Output = std::vector<Value>;
  static constexpr program::HandlesAre kHandles = program::HandlesAre::Numbers;

  std::size_t most;

  [[nodiscard]] static std::span<std::uint8_t> place(const StreamKind& /*kind*/) { return {}; }
  [[nodiscard]] static Output placed(std::size_t /*count*/) { return {}; }
  [[nodiscard]] static Output empty(std::size_t count) { return Output(count, Value::tuple({})); }
  [[nodiscard]] static CallResult<Output> load(const StreamKind& kind, call::ArenaBuffer& buffer,
                                               program::NativeExchange& exchange,
                                               std::uint32_t address, std::size_t count) {
    Output items;
    items.reserve(count);
    for (std::size_t i = 0; i < count; ++i, address += kind.size) {
      Result<Value> item = call::read_item(*kind.item, address, buffer.arena(), exchange);
      if (!item) return bad_item(std::move(item).error());
      items.push_back(*std::move(item));
    }
    return items;
  }
};

template <class Sink>
auto start_read(ReaderPtr state, Sink sink) {
  auto driver = std::make_shared<runtime::TaskHome>(state->running);
  return start(Read<Sink>{std::move(state), sink}, std::move(driver));
}

Result<ReaderPtr> open_reader(const ValueHandle& handle) {
  ReaderPtr reader;
  TENON_TRY_VOID(program::take_stream(handle, [&](const auto& owner, const auto& end) {
    reader =
        std::make_shared<detail::ReaderState>(std::static_pointer_cast<link::Running>(owner), end);
  }));
  return reader;
}

}  // namespace

namespace detail {

Task<CallResult<std::size_t>> ReadEnd::read(const ItemCodec* codec, void* to, std::size_t most) {
  using Outcome = CallResult<std::size_t>;
  if (state_ == nullptr) {
    Result<ReaderPtr> opened = open_reader(handle_);
    if (!opened) return api::make_done_task(Outcome(bad_item(std::move(opened).error())));
    state_ = *std::move(opened);
  }
  if (most == 0) return api::make_done_task(Outcome(0));
  return start_read(state_, ArraySink{codec, to, most});
}

}  // namespace detail

Result<ValueStream> ValueStream::open(const Value& stream) {
  const auto* const handle = stream.get_if<ValueHandle>();
  if (handle == nullptr)
    return make_diagnostic(Code::ValueHandle, "the value is not a stream or future");
  TENON_TRY(ReaderPtr state, open_reader(*handle));
  return ValueStream(std::move(state));
}

ValueStream::ValueStream(std::shared_ptr<detail::ReaderState> state) : state_(std::move(state)) {}
ValueStream::ValueStream(ValueStream&&) noexcept = default;
ValueStream& ValueStream::operator=(ValueStream&&) noexcept = default;
ValueStream::~ValueStream() = default;

bool ValueStream::is_future() const { return state_->kind->is_future; }
bool ValueStream::has_bytes() const { return state_->kind->handle.name == "stream<u8>"; }

Task<CallResult<std::vector<Value>>> ValueStream::read(std::size_t most) {
  return start_read(state_, ValueSink{std::max<std::size_t>(most, 1)});
}

Task<CallResult<std::size_t>> ValueStream::read_bytes(std::span<std::uint8_t> to) {
  if (!has_bytes())
    return api::make_done_task(CallResult<std::size_t>(bad_item({make_diagnostic(
        Code::ValueType, "the items of a `{}` are not bytes", state_->kind->handle.name)})));
  if (to.empty()) return api::make_done_task(CallResult<std::size_t>(0));
  return start_read(state_, ArraySink{&detail::kReadItems<std::uint8_t>, to.data(), to.size()});
}

// Writing.

struct detail::WriterState {
  runtime::TaskHomePtr home = std::make_shared<runtime::TaskHome>();
  std::shared_ptr<runtime::ProgramWriter> writer = std::make_shared<runtime::ProgramWriter>(home);
  bool is_busy = false;

  // Null before the stream was passed, and if the composition is gone.
  [[nodiscard]] RunningPtr running() const {
    return writer->channel() == nullptr ? nullptr : running_of(writer->channel()->composition());
  }
};

namespace {

using WriterPtr = std::shared_ptr<detail::WriterState>;

// Writes all items of a source. `Source` has:
//   HandlesAre kHandles
//   std::size_t count()
//   bool fits(kind)             whether the items have the size of the stream's items
//   const std::uint8_t* place()   where the items lie as in a guest's memory; null: nowhere
//   Result<void> store(first, most, kind, to, exchange)         at least one item
template <class Source>
struct Write {
  using Output = bool;
  using Outcome = std::optional<CallResult<bool>>;

  WriterPtr state;
  Source source;
  std::size_t passed = 0;
  // Items of an arena that are offered, and not taken yet.
  std::unique_ptr<runtime::StoredItems> offered = {};

  runtime::ProgramWriter& end() { return *state->writer; }
  void watch() { end().watch_again(); }
  RunningPtr running() { return state->running(); }
  bool& is_busy() { return state->is_busy; }

  std::size_t note_taken(Channel& channel) {
    const std::size_t taken = channel.take_taken();
    passed += taken;
    if (offered != nullptr) {
      offered->address += static_cast<std::uint32_t>(taken) * channel.kind().size;
      offered->count -= static_cast<std::uint32_t>(taken);
      if (offered->count == 0) offered.reset();
    }
    return taken;
  }

  Outcome stop() {
    end().watch_again();
    if (const std::shared_ptr<Channel> channel = end().channel()) {
      note_taken(*channel);
      channel->withdraw();
    }
    if (passed == source.count()) return true;
    return std::nullopt;
  }

  Outcome try_now() {
    const std::shared_ptr<Channel> channel = end().channel();
    if (channel == nullptr) {
      if (!end().has_reader()) return false;
      return std::nullopt;
    }
    note_taken(*channel);
    while (passed != source.count()) {
      if (!channel->has_reader() || end().channel() == nullptr) return false;
      if (channel->has_offer() || !channel->accepts()) return wait();
      if (CallResult<void> done = pass(*channel); !done) return std::move(done).error();
      if (note_taken(*channel) == 0) return wait();
    }
    return true;
  }
  Outcome wait() {
    end().wait_with_items();
    return std::nullopt;
  }

  CallResult<void> pass(Channel& channel) {
    const StreamKind& kind = channel.kind();
    if (!source.fits(kind))
      return bad_item(
          {make_diagnostic(Code::ValueType, "its items are not of type `{}`", kind.handle.name)});
    const std::size_t left = source.count() - passed;
    if (kind.item == nullptr) return offer(channel, {.memory = {}, .address = 0, .count = left});
    if (channel.stores()) {
      TENON_TRY(std::unique_ptr<runtime::StoredItems> items,
                store(channel, std::min(left, channel.wanted())));
      channel.store(std::move(items));
      return {};
    }
    if (const std::uint8_t* const place = source.place()) {
      const std::size_t count = std::min<std::size_t>(left, items_within(kPlaceBytes, kind));
      // Nothing writes to the items of an offer.
      auto* const first = const_cast<std::uint8_t*>(place) + passed * kind.size;
      return offer(channel, {.memory = {first, count * kind.size}, .address = 0, .count = count});
    }
    if (offered == nullptr) {
      TENON_TRY(offered, store(channel, left));
    }
    return offer(
        channel,
        {.memory = offered->arena.memory(), .address = offered->address, .count = offered->count});
  }

  static CallResult<void> offer(Channel& channel, const Channel::Items& items) {
    if (const auto done = channel.offer(items); !done) return bad_item(done.error());
    return {};
  }

  CallResult<std::unique_ptr<runtime::StoredItems>> store(Channel& channel, std::size_t most) {
    runtime::Shared& shared = *channel.composition();
    const StreamKind& kind = channel.kind();
    runtime::Transit transit(shared.resources);
    program::NativeExchange exchange(running_of(&shared), *kind.item, Source::kHandles);
    const program::NativeExchange::Call in_call(exchange, shared, transit);
    auto items = std::make_unique<runtime::StoredItems>(shared.resources);
    most = std::min<std::size_t>(most, items_within(limits::kStreamBuffer, kind));
    Result<void> stored = source.store(passed, most, kind, *items, exchange);
    if (!stored) return bad_item(std::move(stored).error());
    items->handles.store(items->arena.resources());
    return items;
  }
};

// An array of the program.
struct ArraySource {
  static constexpr program::HandlesAre kHandles = program::HandlesAre::Objects;
  // The size is looked at after so many items.
  static constexpr std::size_t kStep = 64;

  const detail::ItemCodec* codec;
  const void* items;
  std::size_t size;
  std::shared_ptr<const void> keep;

  [[nodiscard]] std::size_t count() const { return size; }

  [[nodiscard]] bool fits(const StreamKind& kind) const {
    return codec == nullptr ? kind.item == nullptr
                            : kind.item != nullptr && codec->size == kind.size;
  }
  [[nodiscard]] const std::uint8_t* place() const {
    return codec->has_same_bytes() ? static_cast<const std::uint8_t*>(items) : nullptr;
  }

  [[nodiscard]] Result<void> store(std::size_t first, std::size_t most, const StreamKind& kind,
                                   runtime::StoredItems& to,
                                   program::NativeExchange& exchange) const {
    call::ArenaBuffer buffer(exchange);
    std::uint32_t from = 0;
    if (!buffer.allocate_array(most, kind.size, kind.align, from)) return buffer.take_problems();
    std::fill_n(buffer.data() + from, most * kind.size, std::uint8_t{0});
    while (to.count < most && buffer.arena().bytes().size() < kBatchBytes + most * kind.size) {
      const std::size_t step = std::min(most - to.count, kStep);
      if (!codec->store(buffer, items, first + to.count, step, from + to.count * kind.size))
        return buffer.take_problems();
      to.count += static_cast<std::uint32_t>(step);
    }
    // Finds what cannot be passed before the reader does.
    const auto address = to.arena.allocate(to.count * kind.size, kind.align);
    if (!address) return runtime::value_problem(address.error());
    to.address = *address;
    const auto copied =
        kind.item->program.copy_items(buffer.arena(), from, to.arena, to.address, to.count);
    if (!copied) return runtime::value_problem(copied.error());
    return {};
  }
};

// One `Value`.
struct ValueSource {
  static constexpr program::HandlesAre kHandles = program::HandlesAre::Numbers;

  std::optional<Type> type;  // absent without payload
  Value item;

  [[nodiscard]] static std::size_t count() { return 1; }

  [[nodiscard]] bool fits(const StreamKind& kind) const {
    return type.has_value() == (kind.item != nullptr);
  }
  [[nodiscard]] static const std::uint8_t* place() { return nullptr; }
  [[nodiscard]] Result<void> store(std::size_t /*first*/, std::size_t /*most*/,
                                   const StreamKind& kind, runtime::StoredItems& to,
                                   program::NativeExchange& exchange) const {
    TENON_TRY(to.address, call::write_item(item, *type, *kind.item, to.arena, exchange));
    to.count = 1;
    return {};
  }
};

template <class Source>
auto start_write(const WriterPtr& state, Source source) {
  return start(Write<Source>{state, std::move(source)}, state->home);
}

}  // namespace

namespace detail {

WriteEnd::WriteEnd() : state_(std::make_shared<WriterState>()) {}

WriteEnd& WriteEnd::operator=(WriteEnd&& other) noexcept {
  if (this == &other) return *this;
  close();
  state_ = std::move(other.state_);
  return *this;
}

ReadEnd WriteEnd::readable(std::string name) {
  return ReadEnd(program::make_stream_handle(std::move(name), state_->writer));
}

Task<CallResult<bool>> WriteEnd::write(const ItemCodec* codec, const void* items, std::size_t count,
                                       std::shared_ptr<const void> keep) {
  if (state_ == nullptr)
    return api::make_done_task(CallResult<bool>(bad_item(
        {make_diagnostic(Code::ValueHandle, "the writable end was moved, or has its value")})));
  return start_write(state_, ArraySource{codec, items, count, std::move(keep)});
}

void WriteEnd::close() {
  if (state_ == nullptr) return;
  const Entry entry(state_->running());
  state_->writer->close();
}

}  // namespace detail

std::pair<ValueStreamWriter, Value> ValueStreamWriter::make(const Type& type) {
  detail::WriteEnd end;
  Value readable = Value::handle(program::make_stream_handle(type, end.state()->writer));
  return {ValueStreamWriter(std::move(end), type.element()), std::move(readable)};
}

Task<CallResult<bool>> ValueStreamWriter::write(Value item) {
  return start_write(end_.state(), ValueSource{item_, std::move(item)});
}

Task<CallResult<bool>> ValueStreamWriter::write_bytes(std::span<const std::uint8_t> bytes) {
  return end_.write(&detail::kWrittenItems<std::uint8_t>, bytes.data(), bytes.size());
}

}  // namespace tenon
