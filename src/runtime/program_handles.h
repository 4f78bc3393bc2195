// Resources that the program holds, by the numbers that its values carry.
//
// Thread: that of the composition.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "runtime/resource_table.h"
#include "tenon/call_failure.h"

namespace tenon::runtime {

class ProgramHandles final {
 public:
  explicit ProgramHandles(ResourceTable& table) : table_(table) {}

  // A number for what a call gave to the program; never used again. What comes back to the program
  // has another one than before: the values that gave it away hold it no more.
  [[nodiscard]] std::uint64_t add(abi::ResourceToken token);
  // Null if the program neither holds it nor has it lent, or not any more.
  [[nodiscard]] HeldResource* find(std::uint64_t number);
  // REQUIRES: `find` found it
  [[nodiscard]] abi::ResourceToken token(std::uint64_t number) const { return tokens_.at(number); }
  // Drops it, if the program still holds it: at once, or when the last use of it ends.
  void drop(std::uint64_t number);

  // A destructor failed that nobody waited for, so nobody was told. The first failure is kept until
  // somebody takes it.
  void keep_drop_failure(CallFailure failure) {
    if (!drop_failure_) drop_failure_ = std::move(failure);
  }
  [[nodiscard]] std::optional<CallFailure> take_drop_failure() {
    return std::exchange(drop_failure_, std::nullopt);
  }

  // A number for what a guest lends to the program, until `take_back`: it can be lent on, not
  // given.
  [[nodiscard]] std::uint64_t lend(abi::ResourceToken token);
  void take_back(std::uint64_t number) { end_use(number, &Uses::lent); }
  // What a call by the program passes, until `end_pass`: guests know it by its token, so it stays
  // where it is but for that call.
  void pass(std::uint64_t number) { ++uses_[number].passed; }
  void end_pass(std::uint64_t number) { end_use(number, &Uses::passed); }
  // Whether it is lent or passed: it cannot be given.
  [[nodiscard]] bool is_in_use(std::uint64_t number) const { return uses_.contains(number); }

 private:
  // How often. Not there: not at all.
  struct Uses {
    std::uint32_t lent = 0;
    std::uint32_t passed = 0;
    bool is_dropped = false;  // in between
  };

  [[nodiscard]] bool is_lent(std::uint64_t number) const;
  void end_use(std::uint64_t number, std::uint32_t Uses::* count);

  ResourceTable& table_;
  std::unordered_map<std::uint64_t, abi::ResourceToken> tokens_;
  std::unordered_map<std::uint64_t, Uses> uses_;
  std::optional<CallFailure> drop_failure_;
};

}  // namespace tenon::runtime
