// The instance of a packr package, as a domain runs it: its allocator, what it has lent and was
// lent, and its buffers.
//
// What the host writes into a package's memory lies where `__pack_alloc` of the package says. One
// small block is allocated at the first call and kept: what is passed and lent goes there if it
// fits, and costs the package no allocation. A package without allocator has fixed places for it,
// as packr has them: what is passed at 0, the two words for a result at 16384, and from 16392 on
// what an import returned.
//
// Source: docs/packr.md, "Calls" and "Buffers".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/core_instance.h"
#include "engine/core_module.h"
#include "packr/buffers.h"
#include "packr/import_call.h"
#include "runtime/body.h"
#include "runtime/domain.h"
#include "tenon/result.h"

namespace tenon::packr {

// How an exported function was entered and left.
struct GuestBytes {
  std::uint32_t address = 0;
  std::uint32_t size = 0;

  bool operator==(const GuestBytes&) const = default;
};

struct PackageParts {
  std::string unit;
  std::shared_ptr<const engine::CompiledModule> code;
  std::vector<PackageImport> imports;
  // What it exports: names for people, and those in its module.
  std::unordered_map<std::string, std::string> exports;
};

class PackageBody final : public runtime::Body {
 public:
  // domain: that runs it. Lifetime: refers to it.
  PackageBody(runtime::Domain& domain, PackageParts parts);

  Result<void, engine::Failure> begin(engine::Store& store) override;
  void end() override;

  [[nodiscard]] const std::string& unit() const { return parts_.unit; }
  [[nodiscard]] runtime::Domain& domain() { return domain_; }
  [[nodiscard]] BufferTable& buffers() { return buffers_; }
  [[nodiscard]] const BufferTable& buffers() const { return buffers_; }
  // Whether it imports `tenon:buffer`, or was given one.
  [[nodiscard]] bool uses_buffers() const { return imports_buffers_ || buffers_.size() != 0; }
  // After a call: a package that cannot drop handles keeps none.
  void drop_lent_buffers() {
    if (!imports_buffers_) buffers_.clear();
  }
  // REQUIRES for all that follow: it has begun.
  [[nodiscard]] std::span<std::uint8_t> memory(engine::Store& store) {
    return instance_->memory(store);
  }
  // An exported function with four addresses. name: for people. Failures: there is none.
  [[nodiscard]] Result<engine::CoreFunction, engine::Failure> find_function(
      engine::Store& store, const std::string& name);

  // Calls an exported function with `params`. What it returns is in memory until `release`.
  struct Returned {
    std::int32_t status = 0;
    GuestBytes params;
    GuestBytes result;
    // The result, as it lies there. Lifetime: until the package runs.
    std::span<std::uint8_t> bytes;
  };
  [[nodiscard]] Result<Returned, engine::Failure> call(engine::Store& store,
                                                       const engine::CoreFunction& function,
                                                       std::span<const std::uint8_t> params);
  // Frees what a call has left in the package's memory.
  [[nodiscard]] Result<void, engine::Failure> release(engine::Store& store,
                                                      const Returned& returned);

  // While the package calls an import: room for what it gets, which is freed when it calls the next
  // or returns itself. By then it has read it; what it passes on stays for that call.
  [[nodiscard]] Result<std::uint32_t, engine::CallError> lend(engine::CoreCaller& caller,
                                                              std::uint32_t size);
  [[nodiscard]] Result<void, engine::CallError> take_back(engine::CoreCaller& caller,
                                                          GuestBytes in_use);

 private:
  // The two words in which a call leaves its result.
  [[nodiscard]] Result<std::uint32_t, engine::Failure> find_slots(engine::Store& store);
  // For what a call passes. REQUIRES: `find_slots` has succeeded
  [[nodiscard]] Result<GuestBytes, engine::Failure> find_room(engine::Store& store,
                                                              std::uint64_t size);
  [[nodiscard]] Result<std::uint32_t, engine::Failure> allocate(engine::Store& store,
                                                                std::uint32_t size);
  // Not what lies in the block that is kept.
  [[nodiscard]] bool is_to_be_freed(GuestBytes bytes) const;
  [[nodiscard]] Result<void, engine::Failure> free(engine::Store& store, GuestBytes bytes);
  [[nodiscard]] std::vector<engine::CoreHostImport> make_imports();

  runtime::Domain& domain_;
  PackageParts parts_;
  bool imports_buffers_;
  std::optional<engine::CoreInstance> instance_;
  std::optional<engine::CoreFunction> alloc_;
  std::optional<engine::CoreFunction> free_;
  std::uint32_t kept_ = 0;        // a block of this life; 0: not allocated yet
  std::vector<GuestBytes> lent_;  // to the package, until its next import call
  BufferTable buffers_;
};

// The type of what packages export and import: four addresses, and a status.
[[nodiscard]] const engine::CoreFunctionType& package_function_type();

}  // namespace tenon::packr
