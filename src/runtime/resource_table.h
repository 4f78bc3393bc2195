// Resources that left the domain that made them: who made them, who holds their one own handle.
//
// A resource enters the table when its own handle leaves home, and leaves it when the handle comes
// home or is dropped. In between every domain and the program know it by its token, which is also
// the rep of the proxies that guests hold; the engine gives a guest's handle for a rep and takes it
// back, so that a token is used again only after its last handle is gone. Each composition has a
// table; what goes from one to another is in both (crossing.h).
//
// Thread: that of the composition.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "abi/guest.h"
#include "engine/raw_call.h"
#include "tenon/call_failure.h"

namespace tenon::runtime {

class Domain;

// A resource type of a composition: one in all of its domains.
struct ResourceKind {
  std::string name;        // "press:kv/store.bucket", for people
  std::uint32_t number;    // of the composition's; the engine's kind of its proxies
  Domain* home = nullptr;  // whose guests make them; null: native code, or nobody that can be told
  const void* host_class = nullptr;  // the program makes them: which class their objects are of
  bool is_hosted = false;            // native code of a host bundle makes them
  // Another composition makes them: the kind that they are there. It outlives this one.
  const ResourceKind* origin = nullptr;

  // Whether they can leave the domain that holds them.
  [[nodiscard]] bool can_cross() const {
    return home != nullptr || host_class != nullptr || is_hosted || origin != nullptr;
  }
  // What it is where it is made.
  [[nodiscard]] const ResourceKind& source() const { return origin != nullptr ? *origin : *this; }
};

// Who has the own handle.
struct Holder {
  enum class Who : std::uint8_t {
    Nobody,   // the slot is free
    Program,  // the C++ program, by a value
    Call,     // a call that is on its way
    Guest,    // of `domain`
    Away,     // another composition, by an object in its own table (crossing.h)
  };
  Who who = Who::Nobody;
  const Domain* domain = nullptr;
  std::uint64_t life = 0;  // of `domain`

  bool operator==(const Holder&) const = default;
};

struct HeldResource {
  const ResourceKind* kind = nullptr;
  std::uint64_t life = 0;  // of `kind->home` when it gave the resource away
  engine::GuestResource resource = {};
  Holder holder;
  // Of the program, or a ForeignResource (crossing.h).
  std::shared_ptr<const void> object = {};
  std::uint64_t serial = 0;  // never used twice, from 1; set by `add`, `renew`
  bool was_given = false;    // to the program, which has values with its serial
};

// Drops a resource that left the table, where it came from: the destructor runs there. A stale one
// is gone already. Failures: the destructor's.
CallResult<void> drop_resource(const HeldResource& held);

// A handle that a copy gives to a side, which gets it when everything is copied.
struct LoweredHandle {
  abi::HandlePart part;
  abi::ResourceToken resource;
  engine::HandlePlace place;
};

class ResourceTable final {
 public:
  using Token = abi::ResourceToken;

  // Fits in 32 bits.
  [[nodiscard]] Token add(HeldResource held);
  // Null if the token stands for nothing. Lifetime: until the next `add`.
  [[nodiscard]] HeldResource* find(Token token) {
    if (token >= slots_.size() || slots_[token].holder.who == Holder::Who::Nobody) return nullptr;
    return &slots_[token];
  }
  void remove(Token token);
  // From here it has another serial: values that carry the one before do not mean it.
  void renew(HeldResource& held) { held.serial = ++last_serial_; }
  // Removes it and returns what it was. REQUIRES: `find` finds it
  [[nodiscard]] HeldResource take(Token token);
  // What the guest of one life of a domain holds.
  [[nodiscard]] std::vector<Token> held_by(const Domain& domain, std::uint64_t life) const;
  // How many resources live that a domain made in a life.
  [[nodiscard]] std::size_t count_made_by(const Domain& domain, std::uint64_t life) const;
  [[nodiscard]] std::size_t size() const { return slots_.size() - free_.size(); }

 private:
  std::vector<HeldResource> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t last_serial_ = 0;
};

}  // namespace tenon::runtime
