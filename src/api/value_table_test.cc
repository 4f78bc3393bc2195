// The table of tests/values in C++, through code of `tenon bindgen cpp` (tests/bindings/gen). Guests
// return the values, in one domain and in several, and so do functions of the program, which check
// that they got the table's JSON and WAVE.
#include "tests/support/value_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/host.h"
#include "tests/bindings/gen/counters.h"
#include "tests/bindings/gen/values.h"
#include "tests/support/bundle_test.h"

namespace tenon::value_table_test {
namespace {

template <class T>
T repeat(const T& part, std::size_t times) {
  T whole;
  for (std::size_t i = 0; i < times; ++i) whole.insert(whole.end(), part.begin(), part.end());
  return whole;
}

// Functions of the program that return their arguments. The rows have their types.
namespace echo_types = values::same;
class Same final : public values::same::host {
 public:
#define UNPACK(...) __VA_ARGS__
#define SAME(Result, name, Parameter) \
  UNPACK Result name(UNPACK Parameter value) override { return copy<UNPACK Result>(value); }
#define ROW(...)
#include "tests/values/gen/rows.inc"
#undef SAME
#undef ROW
#undef UNPACK

 private:
  template <class R, class P>
  static R copy(const P& value) {
    if constexpr (std::is_same_v<R, P>)
      return value;
    else
      return R(value.begin(), value.end());  // a view
  }
};

// Equal, and with the same sign of a zero. NaN has one form in the component model.
template <class T>
bool are_same(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>)
    return std::memcmp(&a, &b, sizeof(T)) == 0;
  else if constexpr (std::is_same_v<T, std::vector<float>> ||
                     std::is_same_v<T, std::vector<double>>)
    return std::ranges::equal(a, b, are_same<typename T::value_type>);
  else
    return a == b;
}

class ValueTableInCpp : public Bundles {
 protected:
  enum class Provider { Guest, Program, DynamicProgram };
  enum class Domains { One, Several };

  // Passes each value to the function of its row.
  void pass_all(Provider provider, Domains domains) {
    CompositionBuilder echo_builder;
    if (provider == Provider::Guest)
      echo_builder.add_component("echo", table_.guests.at("echo"));
    else
      echo_builder.add_component("relay", table_.relay);
    if (provider == Provider::Program)
      values::same::provide(echo_builder, std::make_shared<Same>());
    if (provider == Provider::DynamicProgram) add_functions(echo_builder);
    CompositionBuilder lib_builder;
    for (const char* const name : {"lib", "keeper"}) {
      lib_builder.add_component(name, domain_guest(name));
      lib_builder.export_item(name, std::string("demo:domains/") + name);
    }
    if (domains == Domains::Several) {
      echo_builder.isolate_all();
      lib_builder.isolate_all();
    }
    const Composition echo_composition = build(std::move(echo_builder));
    const Composition lib_composition = build(std::move(lib_builder));
    const Result<values::instance> found = values::instance::find(echo_composition);
    ASSERT_TRUE(found) << whole_text(found.error());
    const Result<counters::instance> found_lib = counters::instance::find(lib_composition);
    ASSERT_TRUE(found_lib) << whole_text(found_lib.error());

    namespace echo_types = values::exports::same;
    namespace lib_types = counters::exports::lib;
    const echo_types::functions& echo = found->same;
    const lib_types::functions& lib = found_lib->lib;
#define SAME(...)
#define ROW(guest, function, ...) \
  pass(#guest, #function, guest, &guest##_types::functions::function, {__VA_ARGS__});
#include "tests/values/gen/rows.inc"
#undef SAME
#undef ROW
    EXPECT_EQ(next_row_, table_.rows.size());
    EXPECT_EQ(received_ > 0, provider == Provider::DynamicProgram);
  }

 private:
  // Functions on dynamic values, which compare them with the table.
  void add_functions(CompositionBuilder& builder) {
    for (const TableRow& row : table_.rows)
      if (row.guest == "echo")
        builder.add_host_function(
            row.interface, row.function, [this](std::span<const Value> params) -> Value {
              ++received_;
              if (expected_->times == 1) {
                EXPECT_EQ(nlohmann::json::parse(print_json(params[0])), expected_->json);
                EXPECT_EQ(print_wave(params[0]), expected_->wave);
              }
              return params[0];
            });
  }

  template <class F, class R, class... P>
  void pass(std::string_view guest, std::string name, const F& functions,
            CallResult<R> (F::*function)(P...) const, const std::vector<R>& values) {
    ASSERT_LT(next_row_, table_.rows.size());
    const TableRow& row = table_.rows[next_row_++];
    std::ranges::replace(name, '_', '-');
    EXPECT_EQ(row.guest, guest);
    EXPECT_EQ(row.function, name);
    ASSERT_EQ(row.values.size(), values.size()) << name;
    for (std::size_t i = 0; i < values.size(); ++i) {
      SCOPED_TRACE(row.call(row.values[i]));
      expected_ = &row.values[i];
      const R value = values[i];
      const CallResult<R> result = [&] {
        if constexpr (sizeof...(P) == 1)
          return (functions.*function)(value);
        else
          return std::apply([&](const auto&... parts) { return (functions.*function)(parts...); },
                            value);
      }();
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_TRUE(are_same(*result, value));
    }
  }

  const ValueTable table_ = read_value_table();
  std::size_t next_row_ = 0;
  const TableValue* expected_ = nullptr;  // by a function on dynamic values
  std::size_t received_ = 0;
};

TEST_F(ValueTableInCpp, ComesBackFromGuests) { pass_all(Provider::Guest, Domains::One); }

TEST_F(ValueTableInCpp, ComesBackFromDomains) { pass_all(Provider::Guest, Domains::Several); }

TEST_F(ValueTableInCpp, ReachesFunctionsOfTheProgram) { pass_all(Provider::Program, Domains::One); }

TEST_F(ValueTableInCpp, ReachesFunctionsOnDynamicValues) {
  pass_all(Provider::DynamicProgram, Domains::Several);
}

}  // namespace
}  // namespace tenon::value_table_test
