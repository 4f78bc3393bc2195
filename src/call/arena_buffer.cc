#include "call/arena_buffer.h"

#include <utility>

#include "support/check.h"
#include "support/diagnostics.h"

namespace tenon::call {

namespace {

abi::HandlePart part_of(detail::HandlePlace place) {
  return {place.number, place.is_own ? abi::Ownership::Own : abi::Ownership::Borrow};
}

}  // namespace

void ArenaBuffer::clear() {
  arena_.clear();
  take_problems();
}

bool ArenaBuffer::allocate(std::uint32_t size, std::uint32_t align, std::uint32_t& address) {
  Result<std::uint32_t, abi::AbiError> allocated = arena_.allocate(size, align);
  if (!allocated) return fail(code_text(Code::ValueTooLarge), std::move(allocated).error().message);
  refresh();
  address = *allocated;
  return true;
}

bool ArenaBuffer::give(const ValueHandle& handle, detail::HandlePlace place, std::uint32_t& index) {
  Result<abi::ResourceToken> token = handles_.give(handle, part_of(place));
  if (!token) {
    for (Diagnostic& problem : token.error()) add_problem(std::move(problem));
    return false;
  }
  index = arena_.add_resource(*token);
  return true;
}

ValueHandle ArenaBuffer::take(std::uint32_t index, detail::HandlePlace place) {
  const auto token = arena_.lift_handle(part_of(place), index);
  TENON_CHECK(token.has_value());
  return handles_.take(*token, part_of(place));
}

}  // namespace tenon::call
