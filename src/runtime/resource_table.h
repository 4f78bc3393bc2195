// Resources that have left the domain that made them, and who owns the own handle of each.
// `resource_table.cc` begins with a description of the protocol.
//
// Thread: that of the composition.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "abi/guest.h"
#include "engine/raw_call.h"
#include "engine/wasi_resource.h"
#include "runtime/small_vector.h"
#include "support/check.h"
#include "tenon/result.h"

namespace tenon::runtime {

class Domain;
class ForeignResource;
class ReadableEnd;
struct StreamKind;

// A resource type of a composition; all of its domains use the same object.
struct ResourceKind {
  std::string name;        // for messages: "press:kv/store.bucket"
  std::uint32_t number;    // unique in the composition; also the engine's number for its proxies
  std::string unit = {};   // that makes the resources; empty: no unit does
  Domain* home = nullptr;  // the domain whose guests make the resources; null if no guest does
  const void* host_class = nullptr;  // set if the program makes them: identifies the C++ class
  bool is_hosted = false;            // native code of a host bundle, or a remote unit, makes them
  // Set if another composition makes them: their kind there. Outlives this object.
  const ResourceKind* origin = nullptr;
  // Set for the handles of a stream or future, which are passed like those of a resource: the object
  // is a ReadableEnd (channel.h). Such a kind belongs to the shape of a function.
  const StreamKind* stream = nullptr;
  // Set for a resource of the engine's WASI that can move from one domain to another. The object of
  // a handle between two domains is an engine::WasiResource.
  std::optional<engine::WasiKind> wasi = {};

  // Whether its handles can be passed to another domain. False for other resources of the engine.
  [[nodiscard]] bool can_cross() const {
    return home != nullptr || host_class != nullptr || is_hosted || origin != nullptr ||
           stream != nullptr || wasi;
  }
  // The kind in the composition that makes the resources.
  [[nodiscard]] const ResourceKind& source() const { return origin != nullptr ? *origin : *this; }
};

// The owner of an own handle.
struct Holder {
  enum class Who : std::uint8_t {
    Nobody,   // the slot is free
    Program,  // the C++ program, through a value
    Call,     // a call in progress: the handle is between two sides
    Guest,    // the guest of `domain`, in its life `life`
    Stored,   // StoredHandles: the handle waits in an arena, and its call may be over
    Away,     // another composition, through a ForeignResource in its table (crossing.h)
    // Nobody: the owner has dropped it, or is of another composition, and calls in progress borrow it; or drops are held.
    Dropped,
    Waiting,  // nobody: it was dropped, and its destructor is due or runs (DropQueue)
  };
  Who who = Who::Nobody;
  const Domain* domain = nullptr;
  std::uint64_t life = 0;

  bool operator==(const Holder&) const = default;
};

// A resource that native code of a bundle, or a peer, makes.
class OutsideResource {
 public:
  OutsideResource() = default;
  OutsideResource(const OutsideResource&) = delete;
  OutsideResource& operator=(const OutsideResource&) = delete;
  virtual ~OutsideResource() = default;
};

// The resource behind a handle, if no guest made it. Its kind says which of these it is.
using ResourceObject =
    std::variant<std::monostate,
                 std::shared_ptr<const void>,             // ResourceKind::host_class: of this class
                 std::shared_ptr<OutsideResource>,        // is_hosted
                 std::shared_ptr<const ForeignResource>,  // origin
                 std::shared_ptr<ReadableEnd>,            // stream
                 std::shared_ptr<engine::WasiResource>>;  // wasi

struct HeldResource {
  const ResourceKind* kind = nullptr;
  std::uint64_t life = 0;               // of `kind->home`, in which the resource was made
  engine::GuestResource resource = {};  // if a guest made it
  Holder holder = {};
  ResourceObject object = {};
  std::uint64_t serial = 0;  // from 1, never reused; set by `add` and `renew`
  bool is_numbered = false;  // the program has values that carry the serial
  std::uint32_t loans = 0;   // number of calls that borrow it; they can outlast the resource
  std::uint32_t next = 0;    // token of the next one in its DropQueue

  // REQUIRES: the object is one of these
  template <class T>
  [[nodiscard]] const std::shared_ptr<T>& as() const {
    const auto* const is = std::get_if<std::shared_ptr<T>>(&object);
    TENON_CHECK(is != nullptr);
    return *is;
  }
};

// Resources whose destructors wait until their home is not running, in the order in which they were dropped.
// The table has the links, so that no drop needs memory.
class DropQueue final {
 public:
  [[nodiscard]] bool is_empty() const { return is_empty_; }

 private:
  friend class ResourceTable;

  bool is_empty_ = true;
  std::uint32_t first_ = 0;
  std::uint32_t last_ = 0;
};

class ResourceTable final {
 public:
  using Token = abi::ResourceToken;

  // The token fits into 32 bits.
  [[nodiscard]] Token add(HeldResource held);
  // Null if no resource has the token. Lifetime: until the next `add`.
  [[nodiscard]] HeldResource* find(Token token) {
    if (token >= slots_.size() || slots_[token].holder.who == Holder::Who::Nobody) return nullptr;
    return &slots_[token];
  }
  [[nodiscard]] const HeldResource* find(Token token) const {
    return const_cast<ResourceTable*>(this)->find(token);
  }
  void remove(Token token);
  // Gives the resource a new serial, so that values that carry the old one no longer refer to it.
  void renew(HeldResource& held) { held.serial = ++last_serial_; }
  // Removes and returns a resource. REQUIRES: `find` finds it
  [[nodiscard]] HeldResource take(Token token);
  // Removes and drops a resource: its destructor runs in the domain that made it, unless the life that made
  // it has ended. At once, or else at the end of its last loan, when drops are not held any more. Failures:
  // of the destructor, at once. REQUIRES: `find` finds it
  CallResult<void> drop(Token token);
  // No destructor runs until `resume_drops` has been called as often.
  void hold_drops() { ++holds_; }
  // Destructors can make calls.
  void resume_drops();
  // A call borrows a resource until `end_loan`, even if its caller has given up by then. The token
  // does not get another meaning meanwhile. REQUIRES: `find` finds it
  void lend(Token token) { ++slots_[token].loans; }
  void end_loan(Token token);
  // Adds a resource that has been dropped. REQUIRES: `find` finds it, and it is in no queue
  void push(DropQueue& queue, Token token);
  // Removes the first one from the queue; it stays in the table. REQUIRES: the queue is not empty
  [[nodiscard]] Token pop(DropQueue& queue);
  // Forgets the resources in a queue, whose store is gone.
  void clear(DropQueue& queue);
  // Whether a holder has a resource, from a token on. token: becomes that of the first one.
  [[nodiscard]] bool find_held(const Holder& holder, Token& token) const;
  // The resources that a domain made in one of its lives.
  [[nodiscard]] std::vector<Token> made_by(const Domain& domain, std::uint64_t life) const;
  [[nodiscard]] std::size_t size() const { return slots_.size() - free_.size(); }

 private:
  std::vector<HeldResource> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t last_serial_ = 0;
  std::uint32_t holds_ = 0;  // of `hold_drops`
  bool has_held_drops_ = false;
};

// The own handles of a call that one side has given up and the other has not received. Those that
// are still in transit at the end of the call are dropped. Also the WASI resources that the callee
// borrows until then.
class Transit final {
 public:
  explicit Transit(ResourceTable& table) : table_(table) {}
  Transit(const Transit&) = delete;
  Transit& operator=(const Transit&) = delete;
  ~Transit() {
    if (!passed_.empty()) finish();
    if (!loans_.empty()) end_loans();
  }

  // REQUIRES: the holder of the resource is Holder::Who::Call
  void add(abi::ResourceToken token);
  // Drops the resources whose holder is still the call. Tokens are used again, so that one of them can be of another call
  // by now.
  void finish();
  // borrower: it has lent the entry `rep` of its WASI resources to its guest for the call.
  void add_loan(Domain& borrower, engine::WasiKind kind, std::uint32_t rep);

 private:
  struct Loan {
    Domain* borrower;
    std::uint64_t life;
    engine::WasiKind kind;
    std::uint32_t rep;
  };
  void end_loans();

  struct Passed {
    abi::ResourceToken token;
    std::uint64_t serial;
  };

  ResourceTable& table_;
  SmallVector<Passed> passed_;
  std::vector<Loan> loans_;
};

// The own handles among values that wait in an arena: for a guest that takes a call later, or for a
// caller that takes its result later. Those that are never taken are dropped.
class StoredHandles final {
 public:
  explicit StoredHandles(ResourceTable& table) : table_(table) {}
  StoredHandles(const StoredHandles&) = delete;
  StoredHandles& operator=(const StoredHandles&) = delete;
  ~StoredHandles();

  // Takes those of the resources whose holder is a call. They are no longer in transit.
  void store(std::span<const std::optional<abi::ResourceToken>> resources);
  // Puts them in transit of a call.
  void restore(Transit& transit);

 private:
  ResourceTable& table_;
  std::vector<abi::ResourceToken> tokens_;
};

// The borrowed handles of a call, which are lent as long as this object exists.
class Loans final {
 public:
  explicit Loans(ResourceTable& table) : table_(table) {}
  Loans(const Loans&) = delete;
  Loans& operator=(const Loans&) = delete;
  ~Loans() { end(); }

  // resources: of the parameters, after StoredHandles has taken the own handles.
  void begin(std::span<const std::optional<abi::ResourceToken>> resources);
  // Adds a resource to the table that nobody owns: it is dropped at the end of its last loan, of this and of
  // other calls.
  [[nodiscard]] abi::ResourceToken add(HeldResource held);
  void end();

 private:
  ResourceTable& table_;
  std::vector<abi::ResourceToken> tokens_;
};

// The resources that the program holds or borrows, by the numbers that its values carry.
class ProgramHandles final {
 public:
  explicit ProgramHandles(ResourceTable& table) : table_(table) {}

  // The number of a resource that a call passed to the program. Numbers are never reused. A
  // resource that the program receives again gets another number, so the values with the old
  // number, which gave it away, stay invalid.
  [[nodiscard]] std::uint64_t add(abi::ResourceToken token);
  // Null if the program neither holds nor borrows the resource any more.
  [[nodiscard]] HeldResource* find(std::uint64_t number);
  // REQUIRES: `find` returned it
  [[nodiscard]] abi::ResourceToken token(std::uint64_t number) const { return tokens_.at(number); }
  // Drops the resource if the program holds it: at once, or at the end of its last use.
  void drop(std::uint64_t number);
  // Drops those of a result that could not be read: no value has their numbers.
  void drop_unread(std::span<const std::optional<abi::ResourceToken>> tokens);

  // Keeps the first failure of a destructor for which no caller waited, until it is taken.
  void keep_drop_failure(CallFailure failure) {
    if (!drop_failure_) drop_failure_ = std::move(failure);
  }
  [[nodiscard]] std::optional<CallFailure> take_drop_failure() {
    return std::exchange(drop_failure_, std::nullopt);
  }

  // The number of a resource that the program borrows from a guest until `end_borrow`. The program
  // can pass it as a borrowed handle, not as an own one.
  [[nodiscard]] std::uint64_t borrow(abi::ResourceToken token);
  void end_borrow(std::uint64_t number) { end_use(number, &Uses::borrows); }
  // A call of the program passes the resource, until `end_pass`. Guests know it by its token, so it
  // must stay in its slot meanwhile, unless this call gives it away.
  void pass(std::uint64_t number) { ++uses_[number].passes; }
  void end_pass(std::uint64_t number) { end_use(number, &Uses::passes); }
  // Whether it is borrowed or being passed, and so cannot be given away.
  [[nodiscard]] bool is_in_use(std::uint64_t number) const { return uses_.contains(number); }

 private:
  // Uses in progress. Erased with the last one.
  struct Uses {
    std::uint32_t borrows = 0;
    std::uint32_t passes = 0;
    bool is_dropped = false;  // to be dropped at the end of the last use
  };

  [[nodiscard]] bool is_borrowed(std::uint64_t number) const;
  void drop_now(abi::ResourceToken token);
  void end_use(std::uint64_t number, std::uint32_t Uses::* count);

  ResourceTable& table_;
  std::unordered_map<std::uint64_t, abi::ResourceToken> tokens_;
  std::unordered_map<std::uint64_t, Uses> uses_;
  std::optional<CallFailure> drop_failure_;
};

}  // namespace tenon::runtime
