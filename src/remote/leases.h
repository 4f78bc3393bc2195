// The resources of this composition whose handles peers have. A peer that is silent for a lease loses
// them: they are dropped.
//
// Thread: that of the composition.
#pragma once

#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>

#include "call/bounds.h"
#include "remote/handle_blob.h"
#include "remote/reactor.h"
#include "runtime/domain.h"
#include "tenon/result.h"

namespace tenon::remote {

class Leases final {
 public:
  // Lifetime: refers to the reactor and to `shared`.
  Leases(const Worker& worker, std::chrono::milliseconds time, Reactor& reactor,
         runtime::Shared& shared);
  Leases(const Leases&) = delete;
  Leases& operator=(const Leases&) = delete;
  // Drops all resources.
  ~Leases();

  // The handle of a resource that a peer gets, and the number of the resource.
  struct Given {
    std::uint64_t number = 0;
    Bytes handle;
  };
  // A peer gets the own handle of a resource, which the program holds. holder: identifies the peer.
  [[nodiscard]] Given add(abi::ResourceToken token, const std::string& holder);
  // The number of the resource that a peer means (runtime::ProgramHandles). Any peer can use a handle
  // that it has.
  // Errors: a sentence: the handle is of another process, or its resource is gone.
  [[nodiscard]] Result<std::uint64_t, std::string> find(std::span<const std::uint8_t> handle) const;
  // The own handle was passed back. REQUIRES: `find` returned it
  void remove(std::uint64_t number);
  // A peer drops a resource. Nothing happens if it is gone.
  void drop(std::span<const std::uint8_t> handle);
  void drop(std::uint64_t number);
  // The peer lives.
  void renew(const std::string& holder);

  [[nodiscard]] std::size_t size() const { return leases_.size(); }

 private:
  struct Holder {
    std::set<std::uint64_t> numbers;
    call::Clock::time_point end;
  };

  void expire();
  void set_timer();
  // The same if there is memory; else the next lease or renewal tries again.
  void try_set_timer();

  const Worker worker_;
  const std::chrono::milliseconds time_;
  runtime::Shared& shared_;
  std::map<std::uint64_t, std::string> leases_;  // the holders, by number
  std::map<std::string, Holder> holders_;
  asio::steady_timer timer_;
  bool is_timing_ = false;
  // This object, as long as it exists.
  std::shared_ptr<Leases*> link_ = std::make_shared<Leases*>(this);
  const std::function<void()> post_expire_;
};

}  // namespace tenon::remote
