// The table of tests/values in C++, through code of `tenon bindgen cpp` (tests/bindings/gen). Guests
// in several languages return the values, in one domain and in several, and so do functions of the
// program, which check that they got the table's JSON and WAVE.
#include "tests/support/value_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
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
#include "tests/bindings/gen/value_arrays.h"
#include "tests/bindings/gen/value_maps.h"
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

template <class R, class P>
R copy(const P& value) {
  if constexpr (std::is_same_v<R, P>)
    return value;
  else
    return R(value.begin(), value.end());  // a view
}

// Functions of the program that return their arguments. The rows have their types.
#define UNPACK(...) __VA_ARGS__
#define SAME(Result, name, Parameter) \
  UNPACK Result name(UNPACK Parameter value) override { return copy<UNPACK Result>(value); }
namespace same_types = values::same;
class Same final : public values::same::host {
 public:
#include "tests/values/gen/same.inc"
};
class Arrays final : public value_arrays::arrays::host {
 public:
#include "tests/values/gen/arrays.inc"
};
namespace maps_types = value_maps::maps;
class Maps final : public value_maps::maps::host {
 public:
#include "tests/values/gen/maps.inc"
};
#undef SAME
#undef UNPACK

void provide(CompositionBuilder& builder, const values::instance* /*tag*/) {
  values::same::provide(builder, std::make_shared<Same>());
}
void provide(CompositionBuilder& builder, const value_arrays::instance* /*tag*/) {
  value_arrays::arrays::provide(builder, std::make_shared<Arrays>());
}
void provide(CompositionBuilder& builder, const value_maps::instance* /*tag*/) {
  value_maps::maps::provide(builder, std::make_shared<Maps>());
}

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

  // Passes each value to the function of its row. guests: their paths, by the sets whose rows are
  // passed.
  void pass_all(const std::map<std::string, std::string>& guests, Provider provider,
                Domains domains) {
    std::vector<Composition> compositions;
    const auto link = [&]<class Instance>(const std::string& set,
                                          std::optional<Instance>& instance) {
      if (!guests.contains(set)) return;
      CompositionBuilder builder;
      builder.add_component(set, guests.at(set));
      if constexpr (std::is_same_v<Instance, counters::instance>) {
        builder.add_component("keeper", domain_guest("keeper"));
        for (const std::string name : {"lib", "keeper"})
          builder.export_item(name, "demo:domains/" + name);
      } else if (provider == Provider::Program) {
        provide(builder, static_cast<const Instance*>(nullptr));
      }
      if (provider == Provider::DynamicProgram) add_functions(builder, set);
      if (domains == Domains::Several) builder.isolate_all();
      compositions.push_back(build(std::move(builder)));
      Result<Instance> found = Instance::find(compositions.back());
      ASSERT_TRUE(found) << whole_text(found.error());
      instance = *std::move(found);
    };
    std::optional<values::instance> same_unit;
    std::optional<value_arrays::instance> arrays_unit;
    std::optional<value_maps::instance> maps_unit;
    std::optional<counters::instance> lib_unit;
    link("same", same_unit);
    link("arrays", arrays_unit);
    link("maps", maps_unit);
    link("lib", lib_unit);

    namespace same_types = values::exports::same;
    namespace arrays_types = value_arrays::exports::arrays;
    namespace maps_types = value_maps::exports::maps;
    namespace pairs_types = value_maps::exports::maps;
    namespace lib_types = counters::exports::lib;
    const same_types::functions* const same = same_unit ? &same_unit->same : nullptr;
    const arrays_types::functions* const arrays = arrays_unit ? &arrays_unit->arrays : nullptr;
    const maps_types::functions* const maps = maps_unit ? &maps_unit->maps : nullptr;
    const maps_types::functions* const pairs = guests.contains("pairs") ? maps : nullptr;
    const lib_types::functions* const lib = lib_unit ? &lib_unit->lib : nullptr;
#define ROW(set, function, ...) \
  pass(#set, #function, set, &set##_types::functions::function, {__VA_ARGS__});
#include "tests/values/gen/rows.inc"
#undef ROW
    EXPECT_EQ(next_row_, table_.rows.size());
    EXPECT_FALSE(passed_.empty());
    for (const auto& [set, path] : guests) EXPECT_TRUE(passed_.contains(set)) << set;
    EXPECT_EQ(received_ > 0, provider == Provider::DynamicProgram);
  }

  void pass_all_to_program(Provider provider, Domains domains) {
    std::map<std::string, std::string> relays;
    for (const auto& [name, set] : table_.sets)
      if (!set.relay.empty()) relays[name] = set.relay;
    pass_all(relays, provider, domains);
  }

  const ValueTable table_ = read_value_table();

 private:
  // Functions on dynamic values, which compare them with the table.
  void add_functions(CompositionBuilder& builder, std::string_view set) {
    for (const TableRow& row : table_.rows)
      if (row.set == set)
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
  void pass(const std::string& set, std::string name, const F* functions,
            CallResult<R> (F::*function)(P...) const, const std::vector<R>& values) {
    ASSERT_LT(next_row_, table_.rows.size());
    const TableRow& row = table_.rows[next_row_++];
    std::ranges::replace(name, '_', '-');
    EXPECT_EQ(row.set, set);
    EXPECT_EQ(row.function, name);
    ASSERT_EQ(row.values.size(), values.size()) << name;
    if (functions == nullptr) return;  // no guest has the set
    passed_.insert(set);
    for (std::size_t i = 0; i < values.size(); ++i) {
      SCOPED_TRACE(row.call(row.values[i]));
      expected_ = &row.values[i];
      const R value = values[i];
      const CallResult<R> result = [&] {
        if constexpr (sizeof...(P) == 1)
          return (functions->*function)(value);
        else
          return std::apply([&](const auto&... parts) { return (functions->*function)(parts...); },
                            value);
      }();
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_TRUE(are_same(*result, value));
    }
  }

  std::size_t next_row_ = 0;
  std::set<std::string> passed_;          // sets of rows
  const TableValue* expected_ = nullptr;  // by a function on dynamic values
  std::size_t received_ = 0;
};

// With guests of a language.
class ValueTableOfGuestsInCpp : public ValueTableInCpp,
                                public testing::WithParamInterface<const char*> {
 protected:
  void pass_to_guests(Domains domains) {
    const auto guests = table_guests(table_, GetParam());
    if (!guests) GTEST_SKIP() << guests.error();
    pass_all(*guests, Provider::Guest, domains);
  }
};

TEST_P(ValueTableOfGuestsInCpp, ComesBackFromOneDomain) { pass_to_guests(Domains::One); }

TEST_P(ValueTableOfGuestsInCpp, ComesBackFromSeveralDomains) { pass_to_guests(Domains::Several); }

INSTANTIATE_TEST_SUITE_P(Guests, ValueTableOfGuestsInCpp, testing::ValuesIn(kTableLanguages),
                         [](const auto& guest) { return std::string(guest.param); });

TEST_F(ValueTableInCpp, ReachesFunctionsOfTheProgram) {
  pass_all_to_program(Provider::Program, Domains::One);
}

TEST_F(ValueTableInCpp, ReachesFunctionsOnDynamicValues) {
  pass_all_to_program(Provider::DynamicProgram, Domains::Several);
}

}  // namespace
}  // namespace tenon::value_table_test
