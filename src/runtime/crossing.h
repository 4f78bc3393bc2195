// Calls from one composition into another, and the handles that they pass.
//
// Compositions share nothing. Each has a lock, which one thread holds at a time, and a table of
// resources with tokens of its own. A resource whose handle is passed to another composition keeps
// its entry in the table of its own, and gets an entry in the other table. The object of that
// second entry owns the first one: when it is destroyed, it drops the resource at home. When the
// handle is passed back, the first entry is used again.
//
//   shop (makes the counter)          store (holds it)
//   token 4: counter, held Away  <--  token 0: ForeignResource{shop, 4}, held by a guest
//
// A resource that comes from a third composition moves with its ForeignResource. If it is borrowed, both tables
// have an entry with that object, one of them until the callee has ended.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "abi/guest.h"
#include "call/call.h"
#include "runtime/domain.h"
#include "runtime/posting.h"
#include "runtime/resource_table.h"

namespace tenon::runtime {

// Owns a resource of the composition `home` on behalf of another composition.
// Thread: the destructor can run on any thread.
class ForeignResource final {
 public:
  // token: in the table of `home`, which must outlive this object. Its holder is Holder::Who::Away.
  ForeignResource(Shared& home, abi::ResourceToken token);
  ForeignResource(const ForeignResource&) = delete;
  ForeignResource& operator=(const ForeignResource&) = delete;
  // Drops the resource at home, unless it was given back: at once, or, if another thread is in that
  // composition, when that thread leaves.
  ~ForeignResource();

  // Absent after `give_back`.
  [[nodiscard]] std::optional<abi::ResourceToken> token() const { return token_; }
  // Returns the entry to its own composition. Const, because the entries of tables share their
  // objects as immutable.
  void give_back() const { token_.reset(); }

 private:
  Shared& home_;
  mutable std::optional<abi::ResourceToken> token_;
  Posting drop_;  // drops the resource
};

// The wrapper around a function of another composition: enters that composition, and translates the
// handles of the call. Thread: one that is in the caller's composition.
class OtherComposition final : public call::Callee {
 public:
  struct Parts {
    Domain& domain;                                    // of the function
    std::shared_ptr<const call::FunctionShape> shape;  // with the resource kinds of its composition
    std::string name;                                  // of the function, for messages
    std::unique_ptr<call::Callee> function;
  };
  // caller: the composition of the caller.
  OtherComposition(Shared& caller, Parts parts);

  // Failures: those of the function; Reentrance and Deadline if its composition cannot be entered.
  void start(call::Call& call) override;

 private:
  Shared& caller_;
  Parts parts_;
  bool passes_handles_;
};

}  // namespace tenon::runtime
