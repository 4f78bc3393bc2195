// Calls into another composition, and handles that go from one composition to another and back.
//
// Compositions share nothing: each has a lock of its own, which one thread holds at a time, and a
// table of resources whose tokens mean nothing in the other. A resource that leaves its composition
// keeps its entry there, and is an entry of the other table too, whose object drops the first entry
// when it ends. A handle that comes back has its first entry again.
//
//   shop (makes it)                   store (holds it)
//   token 4: counter, held Away  <--  token 0: ForeignResource{shop, 4}, held by a guest
//
// A resource that neither of the two makes moves with its object.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "abi/guest.h"
#include "call/call.h"
#include "runtime/domain.h"
#include "runtime/exported_function.h"
#include "runtime/handle_side.h"
#include "runtime/resource_table.h"

namespace tenon::runtime {

// The own handle of a resource in the composition that makes it, for its holder in another.
// Thread: any, for the destructor.
class ForeignResource final {
 public:
  // token: of `home`, which outlives it; held as Away.
  ForeignResource(Shared& home, abi::ResourceToken token) : home_(home), token_(token) {}
  ForeignResource(const ForeignResource&) = delete;
  ForeignResource& operator=(const ForeignResource&) = delete;
  // Drops the resource at home, unless it was given back: at once, or when the thread that is in
  // that composition leaves it.
  ~ForeignResource();

  // Nothing: it was given back.
  [[nodiscard]] std::optional<abi::ResourceToken> token() const { return token_; }
  // The entry belongs to its own composition again. Entries share this object as immutable.
  void give_back() const { token_.reset(); }

 private:
  Shared& home_;
  mutable std::optional<abi::ResourceToken> token_;
};

// A function of another composition: enters that composition, and translates the handles of the
// call. Thread: one that is in the caller's composition.
class OtherComposition final : public call::Callee {
 public:
  // here: what the caller's domains share. function: with the resource kinds of its composition.
  OtherComposition(Shared& here, std::unique_ptr<ExportedFunction> function);

  // Failures: those of the function; Reentrance and Deadline, if that composition cannot be
  // entered.
  void start(call::Call& call) override;

 private:
  Shared& here_;
  std::unique_ptr<ExportedFunction> function_;
  bool passes_handles_;
};

}  // namespace tenon::runtime
