// The table of tests/values in C: values that are made of their types come back from guests in
// several languages, in one domain and in several, and guests pass them to functions of the
// program. The same values as JSON and as text are equal to them.
#include "tests/support/value_table.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/utf8.h"
#include "tenon/tenon_c.h"
#include "tests/support/c_api.h"

namespace tenon::c_api_test::value_table_test {
namespace {

using Json = nlohmann::json;

// Sizes of numbers, characters and booleans in a packed list, by their kind.
constexpr std::size_t kSizes[] = {0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 4};

bool is_packed(int kind) { return kind >= TENON_BOOL && kind <= TENON_CHAR; }

// Makes values of types from JSON. They refer to the JSON, and their parts are in the arena.
class ValueMaker {
 public:
  explicit ValueMaker(tenon_arena* arena) : arena_(arena) {}

  [[nodiscard]] tenon_value make(const tenon_type* type, const Json& json) const {
    tenon_value value = tenon_value_make(static_cast<std::uint8_t>(tenon_type_kind(type)));
    switch (value.kind) {
      case TENON_BOOL:
        value.of.u = json.get<bool>() ? 1 : 0;
        return value;
      case TENON_S8:
      case TENON_S16:
      case TENON_S32:
      case TENON_S64:
        value.of.s =
            json.is_string() ? std::stoll(json.get<std::string>()) : json.get<std::int64_t>();
        return value;
      case TENON_U8:
      case TENON_U16:
      case TENON_U32:
      case TENON_U64:
        value.of.u =
            json.is_string() ? std::stoull(json.get<std::string>()) : json.get<std::uint64_t>();
        return value;
      case TENON_F32:
        return tenon_value_f32(static_cast<float>(number(json)));
      case TENON_F64:
        return tenon_value_f64(number(json));
      case TENON_CHAR:
        return tenon_value_char(next_character(json.get_ref<const std::string&>()).code.value());
      case TENON_STRING: {
        const auto& text = json.get_ref<const std::string&>();
        return tenon_value_string(text.data(), text.size());
      }
      case TENON_LIST:
        return make_list(tenon_type_part(type, 0), json);
      case TENON_MAP:
        return make_map(type, json);
      case TENON_FLAGS:
        for (const Json& label : json)
          value.of.u |= std::uint64_t{1} << find_part(type, label.get<std::string>());
        return value;
      case TENON_ENUM:
        return tenon_value_case(TENON_ENUM, find_part(type, json.get<std::string>()), nullptr);
      case TENON_OPTION:
        return make_option(tenon_type_part(type, 1), json);
      case TENON_VARIANT:
      case TENON_RESULT: {
        const std::uint32_t index = find_part(type, json.begin().key());
        return tenon_value_case(value.kind, index,
                                make_payload(tenon_type_part(type, index), *json.begin()));
      }
      default:
        return make_parts(type, value.kind, json);
    }
  }

  [[nodiscard]] tenon_value make_row(const tenon_type* type, const TableValue& row) const {
    tenon_value value = make(type, row.json);
    const std::size_t times = row.times;
    if (times == 1) return value;
    if (value.kind == TENON_STRING) {
      value.of.str.ptr = repeat(value.of.str.ptr, value.of.str.len, times);
      value.of.str.len *= times;
    } else if (value.kind == TENON_PACKED) {
      value.of.packed.ptr = repeat(static_cast<const char*>(value.of.packed.ptr),
                                   value.of.packed.len * kSizes[value.elem], times);
      value.of.packed.len *= times;
    } else {
      value.of.items.ptr = repeat(value.of.items.ptr, value.of.items.len, times);
      value.of.items.len *= times;
    }
    return value;
  }

 private:
  template <class T>
  [[nodiscard]] T* allocate(std::size_t count) const {
    return static_cast<T*>(tenon_arena_alloc(arena_, count * sizeof(T), alignof(std::max_align_t)));
  }
  template <class T>
  [[nodiscard]] T* repeat(const T* part, std::size_t count, std::size_t times) const {
    T* const whole = allocate<T>(count * times);
    for (std::size_t i = 0; i < count * times; ++i) whole[i] = part[i % count];
    return whole;
  }
  static double number(const Json& json) {
    return json.is_string() ? std::stod(json.get<std::string>()) : json.get<double>();
  }
  static std::uint32_t find_part(const tenon_type* type, const std::string& label) {
    std::uint32_t index = 0;
    while (tenon_type_part_label(type, index) != label) ++index;
    return index;
  }

  [[nodiscard]] tenon_value* make_payload(const tenon_type* type, const Json& json) const {
    if (type == nullptr) return nullptr;
    auto* const payload = allocate<tenon_value>(1);
    *payload = make(type, json);
    return payload;
  }
  [[nodiscard]] tenon_value make_option(const tenon_type* some, const Json& json) const {
    if (json.is_null()) return tenon_value_option(nullptr);
    const bool is_nested = tenon_type_kind(some) == TENON_OPTION;
    return tenon_value_option(make_payload(some, is_nested ? json["some"] : json));
  }
  [[nodiscard]] tenon_value make_list(const tenon_type* element, const Json& json) const {
    const int kind = tenon_type_kind(element);
    auto* const items = allocate<tenon_value>(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) items[i] = make(element, json[i]);
    if (!is_packed(kind)) return tenon_value_items(TENON_LIST, items, json.size());
    auto* const packed = allocate<char>(json.size() * kSizes[kind]);
    for (std::size_t i = 0; i < json.size(); ++i)
      std::memcpy(packed + i * kSizes[kind], &items[i].of, kSizes[kind]);
    return tenon_value_packed(static_cast<std::uint8_t>(kind), packed, json.size());
  }
  [[nodiscard]] tenon_value make_map(const tenon_type* type, const Json& json) const {
    auto* const items = allocate<tenon_value>(2 * json.size());
    for (std::size_t i = 0; i < 2 * json.size(); ++i)
      items[i] = make(tenon_type_part(type, i % 2), json[i / 2][i % 2]);
    return tenon_value_items(TENON_MAP, items, 2 * json.size());
  }
  // Fields of a record, or elements of a tuple.
  [[nodiscard]] tenon_value make_parts(const tenon_type* type, std::uint8_t kind,
                                       const Json& json) const {
    const std::size_t count = tenon_type_part_count(type);
    auto* const items = allocate<tenon_value>(count);
    for (std::size_t i = 0; i < count; ++i)
      items[i] = make(tenon_type_part(type, i),
                      kind == TENON_RECORD ? json.at(tenon_type_part_label(type, i)) : json[i]);
    return tenon_value_items(kind, items, count);
  }

  tenon_arena* arena_;
};

// Whether two values are the same, bit for bit.
bool are_same(const tenon_value& a, const tenon_value& b) {
  if (a.kind != b.kind || a.elem != b.elem) return false;
  if (a.kind != TENON_OPTION && a.index != b.index) return false;
  switch (a.kind) {
    case TENON_STRING:
      return std::string_view(a.of.str.ptr, a.of.str.len) ==
             std::string_view(b.of.str.ptr, b.of.str.len);
    case TENON_PACKED:
      return a.of.packed.len == b.of.packed.len &&
             (a.of.packed.len == 0 ||
              std::memcmp(a.of.packed.ptr, b.of.packed.ptr, a.of.packed.len * kSizes[a.elem]) == 0);
    case TENON_LIST:
    case TENON_RECORD:
    case TENON_TUPLE:
    case TENON_MAP:
      for (std::size_t i = 0; a.of.items.len == b.of.items.len && i < a.of.items.len; ++i)
        if (!are_same(a.of.items.ptr[i], b.of.items.ptr[i])) return false;
      return a.of.items.len == b.of.items.len;
    case TENON_VARIANT:
    case TENON_OPTION:
    case TENON_RESULT:
      if (a.of.payload == nullptr || b.of.payload == nullptr) return a.of.payload == b.of.payload;
      return are_same(*a.of.payload, *b.of.payload);
    case TENON_ENUM:
      return true;
    case TENON_F32:
      return std::memcmp(&a.of.f32, &b.of.f32, sizeof(float)) == 0;
    default:
      return a.of.u == b.of.u;
  }
}

// Passes each value of the table to the function of its row.
class ValueTableInC : public testing::Test {
 protected:
  enum class Domains { One, Several };
  // Links guests. guests: their paths, by their sets.
  void link(const std::map<std::string, std::string>& guests, Domains domains) {
    for (const auto& [set, path] : guests) {
      const Builder builder(tenon_builder_new());
      tenon_builder_add_component(builder.get(), set.c_str(), path.c_str(), nullptr);
      if (is_program_)
        for (const TableRow& row : table_.rows)
          if (row.set == set)
            tenon_builder_add_function(builder.get(), row.interface.c_str(), row.function.c_str(),
                                       receive, this, nullptr);
      if (domains == Domains::Several) tenon_builder_isolate_all(builder.get());
      guests_[set] = build(builder);
    }
  }

  void pass_all() {
    std::set<std::string> passed;
    for (const TableRow& row : table_.rows) {
      if (!guests_.contains(row.set)) continue;
      SCOPED_TRACE(row.set + "." + row.function);
      ASSERT_FALSE(row.values.empty());
      for (const TableValue& value : row.values) pass(row, value);
      passed.insert(row.set);
    }
    EXPECT_EQ(passed.size(), guests_.size());
    EXPECT_GT(passed.size(), 0U);
  }

  const ValueTable table_ = read_value_table();
  bool is_program_ = false;  // the guests call functions of the program

 private:
  static std::int32_t receive(void* self, tenon_call* /*call*/, const tenon_value* args,
                              std::size_t /*count*/, tenon_value* result) {
    auto* const test = static_cast<ValueTableInC*>(self);
    EXPECT_TRUE(are_same(args[0], *test->expected_));
    ++test->received_;
    *result = args[0];
    return 0;
  }

  void pass(const TableRow& row, const TableValue& value) {
    SCOPED_TRACE(value.json.dump().substr(0, 200));
    const BuiltComposition& guest = guests_.at(row.set);
    const FoundFunction function = find(guest, row.interface.c_str(), row.function.c_str());
    const Arena arena(tenon_arena_new());
    const tenon_value expected =
        ValueMaker(arena.get()).make_row(tenon_function_result_type(function.get()), value);
    expected_ = &expected;
    received_ = 0;
    const tenon_value* const args = row.is_spread ? expected.of.items.ptr : &expected;
    const std::size_t count = row.is_spread ? expected.of.items.len : 1;
    tenon_value result;
    EXPECT_EQ(take(tenon_function_call(function.get(), args, count, arena.get(), &result)), "");
    EXPECT_TRUE(are_same(result, expected));
    std::size_t calls = 1;
    if (value.times == 1) {
      const std::string json = (row.is_spread ? value.json : Json::array({value.json})).dump();
      char* returned = nullptr;
      EXPECT_EQ(take(tenon_function_call_json(function.get(), json.data(), json.size(), &returned)),
                "");
      EXPECT_EQ(Json::parse(Text(returned).get()), value.json);
      EXPECT_EQ(call(guest, row.call(value)), value.wave);
      calls = 3;
    }
    EXPECT_EQ(received_, is_program_ ? calls : 0);
  }

  std::map<std::string, BuiltComposition> guests_;
  const tenon_value* expected_ = nullptr;  // by a function of the program
  std::size_t received_ = 0;
};

// With guests of a language.
class ValueTableOfGuestsInC : public ValueTableInC,
                              public testing::WithParamInterface<const char*> {
 protected:
  void pass_to_guests(Domains domains) {
    const auto guests = table_guests(table_, GetParam());
    if (!guests) GTEST_SKIP() << guests.error();
    link(*guests, domains);
    pass_all();
  }
};

TEST_P(ValueTableOfGuestsInC, ComesBackFromOneDomain) { pass_to_guests(Domains::One); }

TEST_P(ValueTableOfGuestsInC, ComesBackFromSeveralDomains) { pass_to_guests(Domains::Several); }

INSTANTIATE_TEST_SUITE_P(Guests, ValueTableOfGuestsInC, testing::ValuesIn(kTableLanguages),
                         [](const auto& guest) { return std::string(guest.param); });

TEST_F(ValueTableInC, ReachesFunctionsOfTheProgram) {
  std::map<std::string, std::string> relays;
  for (const auto& [name, set] : table_.sets)
    if (!set.relay.empty()) relays[name] = set.relay;
  is_program_ = true;
  link(relays, Domains::One);
  pass_all();
}

}  // namespace
}  // namespace tenon::c_api_test::value_table_test
