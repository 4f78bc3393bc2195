// Property: any text, as JSON for one of a few types, is either rejected, or read as a value of
// that type, which is printed in every form and read again as an equal value.
//
// The first byte chooses the type; the rest is the text.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "require.h"
#include "tenon/value.h"
#include "value/test_types.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon;
  static const std::array types = {
      value::type_of("list<record{name: string, price: option<f64>, tags: flags{a, ok}}>"),
      value::type_of("variant{none, days(u32), err(result<list<u8>, string>)}"),
      value::type_of("map<string, option<option<s64>>>"),
      value::type_of("tuple<char, f32, list<char>, u64>"),
      value::type_of("option<enum{none, two-words, HTTP3}>"),
      value::type_of("result<record{a: option<u8>, b: option<result>}, list<u8, 3>>"),
      value::type_of("list<u8>")};
  if (size == 0) return 0;
  const Type& type = types[data[0] % types.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Result<Value> value = parse_json(text, type);
  if (!value) {
    require(!value.error().empty());
    return 0;
  }
  require(check_value(*value, type).has_value());
  for (const JsonBytes bytes : {JsonBytes::Array, JsonBytes::Base64}) {
    const Result<Value> again = parse_json(print_json(*value, bytes), type);
    require(again && *again == *value);
  }
  const Result<Value> from_wave = parse_wave(print_wave(*value), type);
  require(from_wave && *from_wave == *value);
  return 0;
}
