// Random values are passed to packages that read them with packr's own library and write them back.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core_instance.h"
#include "engine/core_module.h"
#include "engine/engine.h"
#include "engine/store.h"
#include "packr/graph_format.h"
#include "packr/graph_value.h"
#include "packr/graph_view.h"
#include "packr/graph_writer.h"
#include "packr/random_graph_values.h"
#include "packr/test_vectors.h"

namespace tenon::packr::echo_guests_test {
namespace {

using engine::FlatValue;
using enum engine::CoreValueType;

// A package that is called directly, without a domain.
class Guest {
 public:
  explicit Guest(const std::string& path)
      : engine_(*engine::Engine::open({})),
        code_(*engine::CompiledModule::compile(engine_, read_file(path))),
        store_(*engine::Store::open_bare(engine_, {})),
        instance_(*engine::CoreInstance::instantiate(store_, code_)),
        alloc_(*instance_.find_function(store_, "__pack_alloc", {{I32}, {I32}})),
        free_(*instance_.find_function(store_, "__pack_free", {{I32, I32}, {}})) {}

  // The result of a function. Returns nothing if the function returned an error, and stores it in
  // `text`.
  std::optional<std::vector<std::uint8_t>> call(std::string_view function,
                                                std::span<const std::uint8_t> bytes,
                                                std::string& text) {
    const auto found = instance_.find_function(store_, function, {{I32, I32, I32, I32}, {I32}});
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const std::uint32_t at = allocate(size);
    const std::uint32_t slots = allocate(8);
    std::memcpy(instance_.memory(store_).data() + at, bytes.data(), bytes.size());
    std::array values = {FlatValue::of_u32(at), FlatValue::of_u32(size), FlatValue::of_u32(slots),
                         FlatValue::of_u32(slots + 4)};
    if (const auto called = found->call(store_, values); !called) {
      text = called.error().message;
      return std::nullopt;
    }
    const auto memory = instance_.memory(store_);
    const std::uint32_t result = load_u32(memory.data() + slots);
    const std::uint32_t length = load_u32(memory.data() + slots + 4);
    const auto given = memory.subspan(result, length);
    std::vector<std::uint8_t> copy(given.begin(), given.end());
    const bool is_good = values[0].u32() == 0;
    release(result, length);
    release(slots, 8);
    release(at, size);
    if (is_good) return copy;
    text = std::string(copy.begin(), copy.end());
    return std::nullopt;
  }

 private:
  static std::vector<std::uint8_t> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::uint32_t allocate(std::uint32_t size) {
    std::array values = {FlatValue::of_u32(size)};
    EXPECT_TRUE(alloc_.call(store_, values));
    return values[0].u32();
  }
  void release(std::uint32_t at, std::uint32_t size) {
    std::array values = {FlatValue::of_u32(at), FlatValue::of_u32(size)};
    EXPECT_TRUE(free_.call(store_, values));
  }

  engine::Engine engine_;
  engine::CompiledModule code_;
  engine::Store store_;
  engine::CoreInstance instance_;
  engine::CoreFunction alloc_;
  engine::CoreFunction free_;
};

// A single argument is passed directly, so a tuple with one item is taken for such an argument.
bool is_ambiguous(const GraphValue& value) {
  const auto* tuple = std::get_if<GraphTuple>(&value.of);
  return tuple != nullptr && tuple->items.size() == 1;
}

class EchoGuests : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Sets, EchoGuests,
                         testing::Values("0.5.4/echo echo", "0.21.0/echo echo", "0.24.1/echo echo",
                                         "c/sink pass", "c/sink copy"),
                         [](const auto& row) {
                           std::string name(row.param);
                           for (char& c : name)
                             if (c == '.' || c == '/' || c == ' ') c = '_';
                           return name;
                         });

TEST_P(EchoGuests, ReturnValuesUnchanged) {
  const std::string row = GetParam();
  const std::string file = row.substr(0, row.find(' '));
  const std::string function = row.substr(row.find(' ') + 1);
  Guest guest(TENON_SOURCE_DIR "/tests/guests/packr/wasm/" + file + ".wasm");
  const auto version = file.starts_with("0.24") ? GraphVersion::V3 : GraphVersion::V2;
  RandomGraphValues values(20, version);
  GraphWriter writer(version);
  int passed = 0;
  for (int i = 0; i < 3000; ++i) {
    const GraphValue value = values.make_value(5);
    if (is_ambiguous(value)) continue;
    writer.clear();
    write_value(value, writer);
    const auto bytes = writer.finish();
    ASSERT_TRUE(bytes) << describe(bytes.error());
    std::string text;
    const auto given = guest.call(function, *bytes, text);
    ASSERT_TRUE(given) << text << ": " << to_hex(*bytes);
    std::vector<std::uint32_t> index(*GraphView::count_nodes(*given));
    const auto view = GraphView::open(*given, index);
    ASSERT_TRUE(view) << describe(view.error());
    EXPECT_TRUE(*read_value(view->root()) == value) << to_hex(*bytes);
    // packr writes the same bytes as GraphWriter.
    EXPECT_TRUE(std::ranges::equal(*given, *bytes)) << to_hex(*bytes);
    ++passed;
  }
  EXPECT_GT(passed, 2500);
}

}  // namespace
}  // namespace tenon::packr::echo_guests_test
