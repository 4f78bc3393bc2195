// The cost of packr packages: calls from one package to another, bytes that are passed on, encoded
// values of the program, buffers that are passed by handle, and decoding a large value. bench/packr_peer measures the first and
// the last with packr's own host.
//
// items_per_second counts calls, or decoded values.
#include "tenon/packr.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packr/graph_view.h"
#include "packr/graph_writer.h"
#include "packr/value_reader.h"
#include "support/check.h"
#include "support/limits.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/host.h"

namespace tenon::bench {
namespace {

constexpr std::size_t kMegabyte = 1'000'000;

std::string guest(std::string_view name) {
  return TENON_SOURCE_DIR "/tests/guests/packr/wasm/" + std::string(name) + ".wasm";
}

Wire wire_function(std::string consumer, std::string import, std::string provider,
                   std::string function) {
  Wire wire;
  wire.consumer = std::move(consumer);
  wire.import = std::move(import);
  wire.provider = std::move(provider);
  wire.export_name = std::move(function);
  return wire;
}

// Calls a function of the unit `first` with one argument until the benchmark ends.
struct Question {
  std::string first;
  std::string_view function;
  Value argument;
};

// is_right: checks each result.
template <class IsRight>
void run_calls(benchmark::State& state, CompositionBuilder& builder, const Question& question,
               IsRight&& is_right) {
  const Result<Composition> made = builder.build();
  if (!made) return state.SkipWithError(made.error().front().message.c_str());
  const Result<Unit> unit = made->unit(question.first);
  if (!unit) return state.SkipWithError(unit.error().front().message.c_str());
  // After the second call, a package has allocated the memory that it needs.
  for (int i = 0; i < 2; ++i)
    if (!unit->call(question.function, question.argument)) return state.SkipWithError("no result");
  for (auto _ : state) {
    const auto result = unit->call(question.function, question.argument);
    if (!result) return state.SkipWithError(result.error().message.c_str());
    if (!*result || !is_right(**result)) return state.SkipWithError("another result");
  }
  state.SetItemsProcessed(state.iterations());
}

// doubler: its result has the type s64, or `value`; the latter is checked between the packages.
void process(benchmark::State& state, std::string_view doubler) {
  CompositionBuilder builder;
  builder.add_package("doubler", guest(doubler));
  builder.add_package("adder", guest("0.5.4/adder"));
  builder.wire(wire_function("adder", "math.double", "doubler", "double"));
  run_calls(state, builder, {"adder", "process", Value::s64(5)},
            [](const Value& result) { return result == Value::s64(11); });
}
BENCHMARK_CAPTURE(process, any, "0.5.4/doubler");
BENCHMARK_CAPTURE(process, typed, "0.5.4/doubler_typed");

std::string hop(std::int64_t i) { return "hop" + std::to_string(i); }

// Adds `count` packages of one guest, "hop0" first. Each calls the next, and the last calls `end`.
void add_chain(CompositionBuilder& builder, std::string_view forwarder, std::int64_t count,
               const std::string& end) {
  for (std::int64_t i = 0; i < count; ++i) {
    builder.add_package(hop(i), guest(forwarder));
    builder.wire(wire_function(hop(i), "next.pass", i + 1 < count ? hop(i + 1) : end, "pass"));
  }
}

// Passes a string through packages to the last one and back: 2 copies for each package.
void forward_string(benchmark::State& state) {
  CompositionBuilder builder;
  add_chain(builder, "c/forward", state.range(0), "sink");
  builder.add_package("sink", guest("c/sink"));
  run_calls(state, builder, {hop(0), "pass", Value::string(std::string(kMegabyte, 'x'))},
            [](const Value& result) {
              const auto* text = result.get_if<std::string>();
              return text != nullptr && text->size() == kMegabyte;
            });
}
BENCHMARK(forward_string)->Arg(1)->Arg(5);

// Passes a list of bytes to a function and back, encoded: the program encodes nothing.
void pass_encoded(benchmark::State& state, CompositionBuilder& builder, const std::string& unit) {
  const Result<Composition> made = builder.build();
  if (!made) return state.SkipWithError(made.error().front().message.c_str());
  const Result<Function> pass = made->unit(unit)->find_function("", "pass");
  if (!pass) return state.SkipWithError(pass.error().front().message.c_str());
  GraphBuilder value;
  value.add_array(GraphKind::U8, std::vector<std::uint8_t>(kMegabyte, 'x'));
  const auto bytes = value.finish();
  std::vector<std::uint8_t> result;
  for (auto _ : state) {
    const CallResult<void> called = pass->call_encoded(*bytes, result);
    if (!called) return state.SkipWithError(called.error().message.c_str());
    if (result.size() != bytes->size()) return state.SkipWithError("another result");
  }
  state.SetItemsProcessed(state.iterations());
}

// To a package and back: 2 copies.
void call_encoded(benchmark::State& state) {
  CompositionBuilder builder;
  builder.add_package("sink", guest("c/sink"));
  pass_encoded(state, builder, "sink");
}
BENCHMARK(call_encoded);

// The package also passes it to a function of the program, which returns it: 3 copies.
void call_raw_function(benchmark::State& state) {
  CompositionBuilder builder;
  builder.add_package("front", guest("c/forward"));
  builder.add_host_function("next", "pass", RawFunction([](std::span<const std::uint8_t> params) {
                              return RawBytes::view(params);
                            }));
  pass_encoded(state, builder, "front");
}
BENCHMARK(call_raw_function);

// The lower bound: the same copies in the same order, between plain buffers.
void copy_bytes(benchmark::State& state, std::size_t copies) {
  std::vector<std::vector<char>> buffers(copies + 1, std::vector<char>(kMegabyte, 'x'));
  for (auto _ : state) {
    for (std::size_t i = 0; i < copies; ++i) {
      std::memcpy(buffers[i + 1].data(), buffers[i].data(), kMegabyte);
      benchmark::ClobberMemory();
    }
  }
  state.SetItemsProcessed(state.iterations());
}
void copy_string(benchmark::State& state) {
  copy_bytes(state, static_cast<std::size_t>(2 * state.range(0)));
}
BENCHMARK(copy_string)->Arg(1)->Arg(5);
BENCHMARK_CAPTURE(copy_bytes, three, 3);

// Passes a buffer through packages to one that reads it.
void forward_buffer(benchmark::State& state) {
  CompositionBuilder builder;
  builder.add_package("producer", guest("c/buffer_producer"));
  builder.wire(wire_function("producer", "next.pass", hop(0), "pass"));
  add_chain(builder, "c/buffer_forwarder", state.range(0), "reader");
  builder.add_package("reader", guest("c/buffer_reader"));
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < kMegabyte; ++k) sum += static_cast<std::uint8_t>(7 * k + 3);
  run_calls(state, builder, {"producer", "send", Value::s64(static_cast<std::int64_t>(kMegabyte))},
            [&](const Value& result) { return result == Value::s64(sum); });
}
BENCHMARK(forward_buffer)->Arg(1)->Arg(5);

// Nested variants: an inner node has a list of two nodes, and a leaf has an integer.
void add_tree(packr::GraphWriter& writer, std::uint32_t levels) {
  if (levels == 0) {
    writer.begin_variant("tree", "leaf", 0);
    writer.add_s32(7);
    return writer.end();
  }
  writer.begin_variant("tree", "node", 1);
  writer.begin_list(packr::GraphType::named(packr::NodeKind::Variant, "tree"));
  add_tree(writer, levels - 1);
  add_tree(writer, levels - 1);
  writer.end();
  writer.end();
}

// A tree of 4 * 2^15 - 2 nodes in the wire form.
class Tree final {
 public:
  Tree() {
    add_tree(writer_, 15);
    const auto bytes = writer_.finish();
    TENON_CHECK(bytes.has_value());
    bytes_ = *bytes;
    index_.resize(*packr::GraphView::count_nodes(bytes_));
  }
  [[nodiscard]] packr::GraphView open() {
    const auto count = packr::GraphView::count_nodes(bytes_);
    TENON_CHECK(count.has_value() && *count == index_.size());
    const auto view = packr::GraphView::open(bytes_, index_);
    TENON_CHECK(view.has_value());
    return *view;
  }

 private:
  packr::GraphWriter writer_;
  std::span<const std::uint8_t> bytes_;
  std::vector<std::uint32_t> index_;
};

template <class Read>
void decode_tree(benchmark::State& state, Read&& read) {
  Tree tree;
  for (auto _ : state) benchmark::DoNotOptimize(read(tree.open()));
  state.SetItemsProcessed(state.iterations());
}

// Checks the tree and reads it in place.
void decode_tree_view(benchmark::State& state) {
  decode_tree(state, [](const packr::GraphView& view) { return view.root(); });
}
BENCHMARK(decode_tree_view);

// Decodes the tree into a `Value`, as for the result of a call.
void decode_tree_values(benchmark::State& state) {
  types::Types types;
  const std::unordered_map<types::TypeId, std::string> names;
  const packr::ValueTypes known{types, names};
  const types::TypeId any = types.types.add({types::Dynamic{}});
  decode_tree(state, [&](const packr::GraphView& view) {
    auto value = packr::ValueReader(known, limits::kReadValueBytes).read(view.root(), any);
    TENON_CHECK(value.has_value());
    return *std::move(value);
  });
}
BENCHMARK(decode_tree_values);

}  // namespace
}  // namespace tenon::bench
