// Resources that the program holds, by the numbers that its values carry.
//
// Thread: that of the composition.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "runtime/resource_table.h"

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
  // Drops it, if the program still holds it.
  void drop(std::uint64_t number);

  // A number for what a guest lends to the program, until `take_back`: it can be lent on, not
  // given.
  [[nodiscard]] std::uint64_t lend(abi::ResourceToken token);
  void take_back(std::uint64_t number);
  [[nodiscard]] bool is_lent(std::uint64_t number) const { return lent_.contains(number); }

 private:
  ResourceTable& table_;
  std::unordered_map<std::uint64_t, abi::ResourceToken> tokens_;
  std::unordered_map<std::uint64_t, std::uint32_t> lent_;  // how often
};

}  // namespace tenon::runtime
