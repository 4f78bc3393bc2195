// Reads and writes of the program as tasks. An operation tries what it can do at once, and again
// after each change that its end of the channel is notified of, until it is done.
#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

#include "api/pending_call.h"
#include "call/canonical_values.h"
#include "link/handle_exchange.h"
#include "link/running.h"
#include "runtime/program_stream.h"
#include "support/diagnostics.h"
#include "tenon/stream.h"

namespace tenon {

namespace {

using runtime::Channel;
using runtime::StreamKind;

CallFailure bad_item(Diagnostics problems) {
  return detail::refuse_call("a stream", std::move(problems));
}

CallFailure ended(const std::string& message) {
  CallFailure failure;
  failure.kind = CallFailure::Kind::Ended;
  failure.message = message;
  return failure;
}

// An operation of one end, as the state of a task. `Operation` has:
//   std::optional<T> try_now()                     nothing: it has to wait
//   runtime::ProgramEnd& end()
//   void stop()                                    the task is destroyed
template <class T, class Operation>
class OperationState final : public detail::TaskState<T> {
 public:
  OperationState(Operation operation, std::shared_ptr<detail::Driver> driver)
      : operation_(std::move(operation)), driver_(std::move(driver)) {
    proceed();
  }

  void release() override { delete this; }
  [[nodiscard]] std::shared_ptr<detail::Driver> driver() const override { return driver_; }

 private:
  ~OperationState() override {
    if (!this->is_done()) operation_.stop();
  }

  void proceed() {
    // Other guests run while the operation is tried, and change things.
    operation_.end().watch();
    std::optional<T> outcome = operation_.try_now();
    if (outcome) {
      this->set_value(*std::move(outcome));
      return this->run_continuation();
    }
    operation_.end().notify([link = std::weak_ptr<OperationState*>(link_)] {
      const auto state = link.lock();
      if (state != nullptr && !(*state)->is_done()) (*state)->proceed();
    });
  }

  Operation operation_;
  std::shared_ptr<detail::Driver> driver_;
  // This object, as long as it exists.
  std::shared_ptr<OperationState*> link_ = std::make_shared<OperationState*>(this);
};

template <class T, class Operation>
Task<T> make_task(Operation operation, std::shared_ptr<detail::Driver> driver) {
  return Task<T>(new OperationState<T, Operation>(std::move(operation), std::move(driver)));
}

}  // namespace

struct ValueStream::State {
  State(std::weak_ptr<link::Running> composition, std::shared_ptr<runtime::ReadableEnd> end)
      : running(std::move(composition)),
        kind(end->channel().shared_kind()),
        reader(std::in_place, std::move(end)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    // Ends in the composition, which another thread can be in.
    if (const auto held = running.lock()) {
      const runtime::OwnerLock::Entry entry(*held->shared.lock);
      reader.reset();
    }
  }

  std::weak_ptr<link::Running> running;
  std::shared_ptr<const StreamKind> kind;
  std::optional<runtime::ProgramReader> reader;
};

namespace {

using ReaderState = std::shared_ptr<ValueStream::State>;

// The items of one read take no more memory, before they become values.
constexpr std::size_t kBatchBytes = std::size_t{1} << 20;

// Reads up to a number of items.
struct ReadValues {
  ReaderState state;
  std::size_t most;

  runtime::ProgramEnd& end() const { return *state->reader; }
  void stop() const {
    if (!state->running.expired()) state->reader->channel().stop_waiting();
  }

  [[nodiscard]] std::optional<CallResult<std::vector<Value>>> try_now() const {
    const auto running = state->running.lock();
    if (running == nullptr) return ended("the composition of the stream is gone");
    Channel& channel = state->reader->channel();
    if (channel.available() == 0 && channel.has_writer()) channel.wait(most);
    const std::size_t available = channel.available();
    // At least one item, however large it is.
    const std::size_t batch =
        std::max<std::size_t>(1, kBatchBytes / std::max<std::size_t>(1, state->kind->size));
    if (available != 0) return read(*running, channel, std::min({available, most, batch}));
    if (channel.has_writer()) return std::nullopt;
    if (state->kind->is_future) return ended("the writer of the future ended without a value");
    return std::vector<Value>();
  }

  [[nodiscard]] CallResult<std::vector<Value>> read(link::Running& running, Channel& channel,
                                                    std::size_t count) const {
    std::vector<Value> items;
    if (state->kind->item == nullptr) {
      channel.read_bytes(nullptr, count);
      items.resize(count, Value::tuple({}));
      return items;
    }
    runtime::Transit transit(running.shared.resources);
    link::NativeExchange exchange(running.weak_from_this(), *state->kind->item,
                                  link::HandlesAre::Numbers);
    const link::NativeExchange::Call in_call(exchange, running.shared, transit);
    abi::ValueArena arena;
    const std::size_t size = state->kind->size;
    const auto address =
        arena.allocate(static_cast<std::uint32_t>(count * size), state->kind->align);
    if (!address)
      return bad_item({make_diagnostic(Code::ValueTooLarge, "{}", address.error().message)});
    if (const auto read = channel.read(arena, *address, count, transit); !read)
      return bad_item({make_diagnostic(Code::ValueTooLarge, "{}", read.error().message)});
    items.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      Result<Value> item = call::read_item(
          *state->kind->item, *address + static_cast<std::uint32_t>(i * size), arena, exchange);
      if (!item) return bad_item(std::move(item).error());
      items.push_back(*std::move(item));
    }
    return items;
  }
};

struct ReadBytes {
  ReaderState state;
  std::span<std::uint8_t> to;

  runtime::ProgramEnd& end() const { return *state->reader; }
  void stop() const {
    if (!state->running.expired()) state->reader->channel().stop_waiting();
  }

  [[nodiscard]] std::optional<CallResult<std::size_t>> try_now() const {
    const auto running = state->running.lock();
    if (running == nullptr) return ended("the composition of the stream is gone");
    Channel& channel = state->reader->channel();
    if (channel.available() == 0 && channel.has_writer()) channel.wait(to.size());
    const std::size_t count = std::min(channel.available(), to.size());
    if (count != 0) channel.read_bytes(to.data(), count);
    if (count != 0 || !channel.has_writer()) return count;
    return std::nullopt;
  }
};

}  // namespace

Result<ValueStream> ValueStream::open(const Value& stream) {
  const auto* const handle = stream.get_if<ValueHandle>();
  if (handle == nullptr)
    return make_diagnostic(Code::ValueHandle, "the value is not a stream or future");
  Result<link::TakenStream> taken = link::take_stream(*handle);
  if (!taken) return std::move(taken).error();
  return ValueStream(std::make_shared<State>(taken->running, std::move(taken->end)));
}

ValueStream::ValueStream(std::shared_ptr<State> state) : state_(std::move(state)) {}
ValueStream::ValueStream(ValueStream&&) noexcept = default;
ValueStream& ValueStream::operator=(ValueStream&&) noexcept = default;
ValueStream::~ValueStream() = default;

bool ValueStream::is_future() const { return state_->kind->is_future; }
bool ValueStream::has_bytes() const { return state_->kind->handle.name == "stream<u8>"; }

Task<CallResult<std::vector<Value>>> ValueStream::read(std::size_t most) {
  return make_task<CallResult<std::vector<Value>>>(
      ReadValues{state_, std::max<std::size_t>(most, 1)}, api::make_driver(state_->running));
}

Task<CallResult<std::size_t>> ValueStream::read_bytes(std::span<std::uint8_t> to) {
  return make_task<CallResult<std::size_t>>(ReadBytes{state_, to},
                                            api::make_driver(state_->running));
}

struct ValueStreamWriter::State {
  std::optional<Type> item;  // absent without payload
  std::shared_ptr<runtime::ProgramWriter> writer = std::make_shared<runtime::ProgramWriter>();
};

namespace {

using WriterState = std::shared_ptr<ValueStreamWriter::State>;

// Null if it is gone.
std::shared_ptr<link::Running> running_of(const runtime::Shared* shared) {
  return shared == nullptr ? nullptr
                           : std::static_pointer_cast<link::Running>(shared->owner.lock());
}

// Runs the composition of the channel, as soon as there is one.
class WriterDriver final : public detail::Driver {
 public:
  explicit WriterDriver(std::shared_ptr<runtime::ProgramWriter> writer)
      : writer_(std::move(writer)) {}

  void run_until(const std::function<bool()>& is_done,
                 std::optional<std::chrono::steady_clock::time_point> deadline) override {
    if (const auto running = find_running())
      api::make_driver(running)->run_until(is_done, deadline);
  }
  void post(std::function<void()> function) override {
    api::make_driver(find_running())->post(std::move(function));
  }

 private:
  [[nodiscard]] std::shared_ptr<link::Running> find_running() const {
    Channel* const channel = writer_->channel();
    return channel == nullptr ? nullptr : running_of(channel->composition());
  }

  std::shared_ptr<runtime::ProgramWriter> writer_;
};

// Passes one item, which is written into an arena when the reader can have it.
struct WriteValue {
  WriterState state;
  Value item;
  // Items in place, until they are taken.
  std::unique_ptr<abi::ValueArena> offered = {};

  runtime::ProgramEnd& end() const { return *state->writer; }
  void stop() const {
    if (Channel* const channel = state->writer->channel()) channel->withdraw();
  }

  [[nodiscard]] std::optional<CallResult<bool>> try_now() {
    if (!state->writer->has_reader()) return false;
    Channel* const channel = state->writer->channel();
    if (channel == nullptr) return std::nullopt;
    if (channel->take_taken() != 0) return true;
    if (channel->has_offer() || !channel->accepts()) return std::nullopt;
    if (channel->kind().item == nullptr) {
      (void)channel->offer({.memory = {}, .address = 0, .count = 1});
    } else if (CallResult<void> passed = pass(*channel); !passed) {
      return std::move(passed).error();
    }
    if (channel->take_taken() != 0) return true;
    return std::nullopt;
  }

  [[nodiscard]] CallResult<void> pass(Channel& channel) {
    runtime::Shared& shared = *channel.composition();
    const StreamKind& kind = channel.kind();
    runtime::Transit transit(shared.resources);
    link::NativeExchange exchange(running_of(&shared), *kind.item, link::HandlesAre::Numbers);
    const link::NativeExchange::Call in_call(exchange, shared, transit);
    auto stored = std::make_unique<runtime::StoredItems>(shared.resources);
    const Result<std::uint32_t> written =
        call::write_item(item, *state->item, *kind.item, stored->arena, exchange);
    if (!written) return bad_item(written.error());
    if (!channel.stores()) {
      offered = std::make_unique<abi::ValueArena>(std::move(stored->arena));
      (void)channel.offer({.memory = offered->memory(), .address = *written, .count = 1});
      return {};
    }
    stored->address = *written;
    stored->count = 1;
    stored->handles.store(stored->arena.resources());
    channel.store(std::move(stored));
    return {};
  }
};

struct WriteBytes {
  WriterState state;
  std::span<const std::uint8_t> bytes;
  bool is_offered = false;

  runtime::ProgramEnd& end() const { return *state->writer; }
  void stop() const {
    if (Channel* const channel = state->writer->channel()) channel->withdraw();
  }

  [[nodiscard]] std::optional<CallResult<bool>> try_now() {
    Channel* const channel = state->writer->channel();
    if (channel == nullptr) {
      if (!state->writer->has_reader()) return false;
      return std::nullopt;
    }
    while (true) {
      if (const std::size_t taken = channel->take_taken(); taken != 0) {
        channel->withdraw();
        bytes = bytes.subspan(std::min(taken, bytes.size()));
      }
      if (bytes.empty()) return true;
      if (!channel->has_reader()) return false;
      if (channel->has_offer() || !channel->accepts()) return std::nullopt;
      (void)channel->offer({.memory = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()},
                            .address = 0,
                            .count = bytes.size()});
      if (channel->has_offer()) return std::nullopt;
    }
  }
};

}  // namespace

std::pair<ValueStreamWriter, Value> ValueStreamWriter::make(const Type& type) {
  auto state = std::make_shared<State>();
  state->item = type.element();
  Value readable = Value::handle(link::make_stream_handle(type, state->writer));
  return {ValueStreamWriter(std::move(state)), std::move(readable)};
}

ValueStreamWriter::ValueStreamWriter(std::shared_ptr<State> state) : state_(std::move(state)) {}
ValueStreamWriter::ValueStreamWriter(ValueStreamWriter&&) noexcept = default;
ValueStreamWriter& ValueStreamWriter::operator=(ValueStreamWriter&&) noexcept = default;
ValueStreamWriter::~ValueStreamWriter() {
  if (state_ != nullptr) state_->writer->close();
}

Task<CallResult<bool>> ValueStreamWriter::write(Value item) {
  return make_task<CallResult<bool>>(WriteValue{state_, std::move(item)},
                                     std::make_shared<WriterDriver>(state_->writer));
}

Task<CallResult<bool>> ValueStreamWriter::write_bytes(std::span<const std::uint8_t> bytes) {
  return make_task<CallResult<bool>>(WriteBytes{state_, bytes},
                                     std::make_shared<WriterDriver>(state_->writer));
}

void ValueStreamWriter::close() { state_->writer->close(); }

}  // namespace tenon
