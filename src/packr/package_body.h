// The instance of a packr package in the store of a domain: its functions, its allocator, the
// memory that the host uses in it, and its buffers. `package_body.cc` begins with the rules for
// that memory.
//
// Source: docs/packr.md, "Calls" and "Buffers".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/core_instance.h"
#include "engine/core_module.h"
#include "packr/buffers.h"
#include "packr/graph_format.h"
#include "packr/import_call.h"
#include "runtime/domain.h"
#include "tenon/result.h"

namespace tenon::packr {

// What a PackageBody is made from.
struct PackageParts {
  std::string unit;
  std::shared_ptr<const engine::CompiledModule> code;
  std::vector<PackageImport> imports;
  // The exported functions: from the name in messages to the name in the module.
  std::unordered_map<std::string, std::string> exports;
  // The version of its messages; nothing if the package has no metadata, which would say it.
  std::optional<GraphVersion> version = {};
  // Functions have packr's async form.
  bool is_async = false;
  // Functions write results to a buffer of the caller, and return their size.
  bool has_caller_buffers = false;
  // The buffers of the program, which calls the package's exports and provides its imports. Lifetime:
  // longer than that of the body; null: it has none.
  BufferTable* program_buffers = nullptr;
  // The limit for all of its buffers together, in bytes; none: they are not limited.
  std::optional<std::uint64_t> buffer_bytes = {};
};

class PackageBody final : public runtime::Body {
 public:
  // Lifetime: refers to `domain`, which runs the body.
  PackageBody(runtime::Domain& domain, PackageParts parts);

  Result<void, engine::Failure> begin(engine::Store& store) override;
  void end() override;

  [[nodiscard]] const std::string& unit() const { return parts_.unit; }
  [[nodiscard]] runtime::Domain& domain() { return domain_; }
  [[nodiscard]] BufferTable& buffers() { return buffers_; }
  [[nodiscard]] const BufferTable& buffers() const { return buffers_; }
  [[nodiscard]] BufferTable* program_buffers() const { return parts_.program_buffers; }
  [[nodiscard]] bool has_caller_buffers() const { return parts_.has_caller_buffers; }
  [[nodiscard]] bool is_async() const { return parts_.is_async; }
  // The version of the messages that it reads. A package that does not say it is taken to have
  // version 2 until it passes a message, or refuses one (`learn_version`).
  [[nodiscard]] GraphVersion version() const { return parts_.version.value_or(GraphVersion::V2); }
  [[nodiscard]] bool has_known_version() const { return parts_.version.has_value(); }
  void learn_version(GraphVersion version) { parts_.version = version; }
  // Whether its messages can contain handles of buffers.
  [[nodiscard]] bool uses_buffers() const { return imports_buffers_ || buffers_.size() != 0; }
  // Called after each call: a package that cannot drop handles keeps none.
  void drop_transient_buffers() {
    if (!imports_buffers_) buffers_.clear();
  }

  // The following functions require that `begin` has succeeded.

  [[nodiscard]] std::span<std::uint8_t> memory(engine::Store& store) {
    return instance_->memory(store);
  }
  // An exported function. name: as in messages, or in the module. Failures: the package does not
  // export it.
  [[nodiscard]] Result<engine::CoreFunction, engine::Failure> find_function(
      engine::Store& store, const std::string& name);

  // Calls an exported function. Its result stays in the package's memory until `release`.
  // params: a message, which gets the package's version.
  struct Returned {
    std::int32_t status = 0;  // 0 also if the package returned the size of the result
    GuestBytes params;
    GuestBytes result;  // empty if it is not to be freed
    // The bytes of `result`. Lifetime: until the package runs.
    std::span<std::uint8_t> bytes;
  };
  [[nodiscard]] Result<Returned, engine::Failure> call(engine::Store& store,
                                                       const engine::CoreFunction& function,
                                                       std::span<const std::uint8_t> params);
  // Frees the memory that a call used.
  [[nodiscard]] Result<void, engine::Failure> release(engine::Store& store,
                                                      const Returned& returned);

  // Allocates memory for the result of an import that the package is calling. Returns the address.
  [[nodiscard]] Result<std::uint32_t, engine::CallError> allocate_import_result(
      engine::CoreCaller& caller, std::uint32_t size);
  // Frees the results of earlier imports, except those that overlap `in_use`. Called when the
  // package calls its next import, with the parameters of that call.
  [[nodiscard]] Result<void, engine::CallError> free_import_results(engine::CoreCaller& caller,
                                                                    GuestBytes in_use);

 private:
  [[nodiscard]] std::uint32_t block_bytes() const;
  // The slots, two words in which a call stores the address and size of its result; or the buffer
  // for the result. Allocates the block if necessary.
  [[nodiscard]] Result<GuestBytes, engine::Failure> make_result_room(engine::Store& store);
  // Memory for the parameters of a call. REQUIRES: `make_result_room` has succeeded
  [[nodiscard]] Result<GuestBytes, engine::Failure> make_params(engine::Store& store,
                                                                std::uint64_t size);
  [[nodiscard]] Result<std::uint32_t, engine::Failure> allocate(engine::Store& store,
                                                                std::uint32_t size);
  // Whether `bytes` was allocated for one call, and is not part of the block.
  [[nodiscard]] bool must_be_freed(GuestBytes bytes) const;
  [[nodiscard]] Result<void, engine::Failure> free(engine::Store& store, GuestBytes bytes);
  [[nodiscard]] std::vector<engine::CoreHostImport> make_imports();

  runtime::Domain& domain_;
  PackageParts parts_;
  bool imports_buffers_;
  std::optional<engine::CoreInstance> instance_;
  std::optional<engine::CoreFunction> alloc_;
  std::optional<engine::CoreFunction> free_;
  std::uint32_t block_ = 0;  // the address of the block; 0 if it is not allocated yet
  std::vector<GuestBytes> import_results_;  // not freed yet
  BufferTable buffers_;
};

// The type of all functions that packages export and import. The parameters are the address and
// size of the message, and the addresses of the two slots for the result; the result is a status.
[[nodiscard]] const engine::CoreFunctionType& package_function_type();

}  // namespace tenon::packr
