// Property: the bytes of a call from a wRPC peer are either refused with a reason, or wait for more,
// or are values, whose bytes are read again as the same values, and data of their channels. It makes
// no difference in which pieces they come. The same bytes are also read as a handle and as names.
//
// The first byte chooses the type of the function, the second the size of the pieces. The rest are the
// bytes of a client, or messages of NATS: each with a byte for its channel, one for its size, and its data.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "remote/extension.h"
#include "remote/frames.h"
#include "remote/handle_blob.h"
#include "remote/incoming.h"
#include "remote/server.h"
#include "remote/wire_values.h"
#include "require.h"
#include "tenon/trace.h"
#include "value/test_types.h"

namespace {

using namespace tenon;
using namespace tenon::remote;
using abi::AbiError;
using abi::ResourceToken;

abi::FunctionLayout layout_of(const char* text) {
  const FunctionType type = value::function_of(text);
  const types::Types& types = value::graph_of(type)->types;
  return *abi::lay_out_function(types, types.functions[value::id_of(type)]);
}

// A handle is its bytes; items of streams have lists of numbers and handles. A channel takes three
// bytes at a time, and all of them are kept.
class Handles final : public WireHandles, public IncomingEnd, public ChannelInput {
 public:
  explicit Handles(Incoming& incoming) : incoming_(incoming) {}

  Result<Bytes, AbiError> give(abi::HandlePart, ResourceToken token) override {
    return known_.at(token);
  }
  Result<ResourceToken, AbiError> take(abi::HandlePart,
                                       std::span<const std::uint8_t> bytes) override {
    if (bytes.size() > 16) return AbiError{abi::AbiErrorKind::Guest, "unknown"};
    known_.emplace(known_.size(), Bytes(bytes.begin(), bytes.end()));
    return known_.size() - 1;
  }
  Result<void, AbiError> send(abi::HandlePart, ResourceToken, const IndexPath&) override {
    return {};
  }
  Result<Received, AbiError> receive(abi::HandlePart, const IndexPath& channel) override {
    require(channel.size() < 32);
    incoming_.open(channel, *this);
    return Received{0, this};
  }

  const abi::FunctionLayout* item() const override {
    static const abi::FunctionLayout layout = layout_of("(item: tuple<list<s32>, option<own<r>>>)");
    return &layout;
  }
  abi::ValueArena& arena() override { return contents_; }
  WireHandles& handles() override { return *this; }
  void complete(std::uint32_t, std::uint32_t) override {}

  Result<std::size_t, std::string> take(std::span<const std::uint8_t> bytes) override {
    const std::size_t size = std::min<std::size_t>(bytes.size(), 3);
    data.insert(data.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    return size;
  }

  Bytes data;  // of all channels

 private:
  Incoming& incoming_;
  std::map<ResourceToken, Bytes> known_;
  abi::ValueArena contents_;
};

// The outcome of reading.
struct Outcome {
  std::string error;
  bool is_done = false;
  Bytes again;  // the values, written
  Bytes data;   // of the channels

  bool operator==(const Outcome&) const = default;
};

Outcome read(const abi::FunctionLayout& layout, std::span<const std::uint8_t> bytes,
             std::size_t step) {
  Incoming incoming(FrameReader::From::Client);
  Handles handles(incoming);
  abi::ValueArena arena;
  Outcome outcome;
  const auto keep = [&](const Result<void, std::string>& result) {
    if (!result) {
      require(!result.error().empty());
      outcome.error = result.error();
    }
    return result.has_value();
  };
  bool is_expecting = false;
  while (!bytes.empty()) {
    // In pieces, data is received where it belongs, if there is such a place.
    const std::span<std::uint8_t> room =
        step == SIZE_MAX ? std::span<std::uint8_t>() : incoming.room();
    const std::size_t size = std::min({step, bytes.size(), room.empty() ? step : room.size()});
    if (!room.empty()) std::ranges::copy(bytes.first(size), room.begin());
    if (!keep(incoming.add(room.empty() ? bytes.first(size) : room.first(size)))) return outcome;
    bytes = bytes.subspan(size);
    if (incoming.has_header() && !std::exchange(is_expecting, true) &&
        !keep(incoming.expect(WireReader::of_params(layout, arena, handles))))
      return outcome;
    while (incoming.is_full())
      if (!keep(incoming.resume())) return outcome;
  }
  const auto ended = incoming.end();
  require(ended || !ended.error().empty());
  outcome.is_done = incoming.has_values();
  outcome.data = handles.data;
  if (!outcome.is_done) return outcome;
  require(WireWriter(arena, handles)
              .write_params(layout, incoming.address(), outcome.again)
              .has_value());
  return outcome;
}

// Properties: messages in any order are refused with a reason, or received.
void read_messages(const abi::FunctionLayout& layout, std::span<const std::uint8_t> bytes) {
  Incoming incoming(FrameReader::From::Server);
  Handles handles(incoming);
  abi::ValueArena arena;
  Result<void, std::string> result = incoming.expect(WireReader::of_params(layout, arena, handles));
  while (result && bytes.size() >= 2) {
    const std::uint8_t place = bytes[0];
    const std::size_t size = std::min<std::size_t>(bytes[1], bytes.size() - 2);
    const IndexPath channel = place % 4 == 0 ? IndexPath() : IndexPath(place % 4, place / 64);
    result = incoming.add(channel, bytes.subspan(2, size), size == 0);
    bytes = bytes.subspan(2 + size);
    while (result && incoming.is_full()) result = incoming.resume();
  }
  require(result || !result.error().empty());
  const auto ended = incoming.end();
  require(ended || !ended.error().empty());
}

// Properties: a handle is refused with a reason, or has the bytes that its worker gives it; a trace context
// is read as it is printed; a subject names a function that is served, or none.
void read_names(std::span<const std::uint8_t> bytes) {
  static const Worker worker({1, 2, 3}, {4, 5, 6});
  const auto blob = worker.open(bytes);
  require(blob ? worker.seal(blob->epoch, blob->resource) == Bytes(bytes.begin(), bytes.end())
               : !blob.error().empty());
  const std::string text(bytes.begin(), bytes.end());
  if (const auto context = parse_traceparent(text))
    require(parse_traceparent(print_traceparent(*context)) == context);
  static std::array<ServedFunction, 3> functions = [] {
    std::array<ServedFunction, 3> served;
    served[0].instance = "a:b/c@1.4.0";
    served[0].function = "[method]d.e";
    served[1].instance = "a:b/c@0.2.0";
    served[1].function = "e";
    served[2].function = "e";
    return served;
  }();
  static const ServedNames names(functions);
  if (const auto name = names.read_subject("wrpc.0.0.1." + text))
    require(name->first == kHandlesInstance ||
            names.find(name->first, name->second).function != nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array layouts = {
      layout_of("(a: list<record{name: string, price: option<f64>, tags: flags{a, ok}}>)"),
      layout_of("(a: variant{none, days(u32), err(result<list<u8>, string>)}, b: char)"),
      layout_of("(a: map<string, option<option<s64>>>, b: list<list<u16, 3>>)"),
      layout_of("(a: tuple<char, f32, list<char>, map<s8, bool>>, b: enum{x, y})"),
      layout_of("(a: own<r>, b: list<borrow<r>>)"),
      layout_of("(a: stream<tuple<list<s32>, option<own<r>>>>, b: option<future<list<s32>>>)"),
      layout_of("(a: list<list<list<string>>>)"),
      layout_of("()")};
  if (size < 2) return 0;
  const abi::FunctionLayout& layout = layouts[data[0] % layouts.size()];
  const std::span<const std::uint8_t> bytes(data + 2, size - 2);
  if (const auto note = read_note(bytes)) {
    Bytes again;
    append_note(*note, again);
    require(again.size() > kNoteBytes || read_note(again).has_value());
  }
  if (const auto failure = read_failure(bytes))
    require(read_failure(write_failure(*failure))->message == failure->message);
  read_names(bytes);
  read_messages(layout, bytes);
  const Outcome whole = read(layout, bytes, SIZE_MAX);
  const Outcome pieces = read(layout, bytes, 1 + data[1] % 7);
  require(whole == pieces);
  if (!whole.is_done) return 0;
  Bytes framed;
  append_header(framed, "i", "f");
  append_frame(framed, {}, whole.again);
  const Outcome again = read(layout, framed, SIZE_MAX);
  require(again.is_done && again.again == whole.again);
  return 0;
}
