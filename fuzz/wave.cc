// Property: any text, as a value of one of a few types, is either rejected with a place, or read as
// a value of that type, which is printed and read again as an equal value.
//
// The first byte chooses the type; the rest is the text.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "require.h"
#include "tenon/value.h"
#include "value/test_types.h"

namespace {

using namespace tenon;

std::optional<Value> find_handle(std::uint64_t id, const Type& type) {
  return id < 5 ? std::optional(Value::handle({type.resource(), id, nullptr})) : std::nullopt;
}

void read_call(std::string_view text) {
  static const FunctionType function = value::function_of(
      "(a: string, b: list<tuple<u8, option<char>>>, c: own<r>, d: option<map<string, f32>>)");
  const Result<WaveCall> call = parse_wave_call(text);
  if (!call) return require(!call.error().empty());
  require(!call->functions.empty());
  const auto values = parse_wave_arguments(*call, function, {.find_handle = find_handle});
  require(!values || values->size() == 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array types = {
      value::type_of("list<record{name: string, price: option<f64>, tags: flags{a, ok}}>"),
      value::type_of("variant{none, days(u32), err(result<list<u8>, string>)}"),
      value::type_of("map<string, option<option<s64>>>"),
      value::type_of("tuple<char, f32, list<char>, map<s8, bool>>"),
      value::type_of("option<enum{none, two-words, HTTP3}>"),
      value::type_of("result<record{a: option<u8>, b: option<result>}, list<s64, 2>>"),
      value::type_of("list<f32>"),
      value::type_of("string")};
  if (size == 0) return 0;
  const Type& type = types[data[0] % types.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  read_call(text);
  const Result<Value> value = parse_wave(text, type);
  if (!value) {
    require(!value.error().empty() && !value.error()[0].excerpt.lines.empty());
    return 0;
  }
  require(check_value(*value, type).has_value());
  const std::string printed = print_wave(*value);
  const Result<Value> again = parse_wave(printed, type);
  require(again && *again == *value && print_wave(*again) == printed);
  return 0;
}
