// The buffer of typed calls, over the arena that a call is made with.
#pragma once

#include <cstdint>

#include "abi/value_arena.h"
#include "call/value_form.h"
#include "support/limits.h"
#include "tenon/detail/call_port.h"

namespace tenon::call {

// Not copyable or movable: typed calls keep its address. Lifetime: `handles` must outlive it.
class ArenaBuffer final : public detail::CallBuffer {
 public:
  explicit ArenaBuffer(HandleExchange& handles, std::uint64_t limit = limits::kArenaBytes)
      : arena_(limit), handles_(handles) {}
  ArenaBuffer(const ArenaBuffer&) = delete;
  ArenaBuffer& operator=(const ArenaBuffer&) = delete;

  // For a copy program, to read params from and to write a result into. `refresh` is called after
  // anything else than this buffer wrote there.
  [[nodiscard]] abi::ValueArena& arena() { return arena_; }
  void refresh() { set_data(arena_.memory().data()); }
  [[nodiscard]] HandleExchange& handles() { return handles_; }

  // Forgets all values, for the next call.
  void clear();

  [[nodiscard]] bool allocate(std::uint32_t size, std::uint32_t align,
                              std::uint32_t& address) override;
  [[nodiscard]] bool give(const ValueHandle& handle, detail::HandlePlace place,
                          std::uint32_t& index) override;
  [[nodiscard]] ValueHandle take(std::uint32_t index, detail::HandlePlace place) override;

 private:
  abi::ValueArena arena_;
  HandleExchange& handles_;
};

}  // namespace tenon::call
