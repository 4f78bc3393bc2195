// Made by `tenon bindgen cpp` from the WIT of demo:bindings/courier@1.0.0. Do not edit.
#pragma once

#include <tenon/host.h>
#include <tenon/record.h>
#include <tenon/result.h>
#include <tenon/stream.h>
#include <tenon/task.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon {
class Composition;
class CompositionBuilder;
class Unit;
}  // namespace tenon
namespace tenon::detail {
struct ResourceFunctions;
}
namespace courier::detail {
struct functions;
}

// demo:parcels/parcels@1.0.0
namespace courier::parcels {
class parcel;
struct batch;

// A resource of the program. Units hold handles of its objects.
class parcel {
 public:
  parcel() = default;
  parcel(const parcel&) = delete;
  parcel& operator=(const parcel&) = delete;
  virtual ~parcel() = default;

  // label: func() -> string;
  virtual std::string label(const tenon::Caller& caller) = 0;
};
struct batch {
  std::string owner = {};
  std::vector<std::shared_ptr<parcel>> parcels = {};
  std::optional<std::shared_ptr<parcel>> spare = {};
  bool operator==(const batch&) const = default;
};
TENON_RECORD(batch, owner, parcels, spare)

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // constructor(label: string);
  virtual std::shared_ptr<parcel> make_parcel(
      const tenon::Caller& caller,
      std::string_view label) = 0;

  // pack: func(labels: list<string>) -> batch;
  virtual ::courier::parcels::batch pack(
      const tenon::Caller& caller,
      std::vector<std::string> labels) = 0;

  // The labels of all parcels, which end.
  // open: func(batch: batch) -> list<string>;
  virtual std::vector<std::string> open(
      const tenon::Caller& caller,
      ::courier::parcels::batch batch) = 0;

  // shout: async func(words: stream<string>) -> stream<string>;
  virtual tenon::Task<tenon::Stream<std::string>> shout(
      const tenon::Caller& caller,
      tenon::Stream<std::string> words) = 0;

  // The bytes of all labels.
  // send: async func(parcels: stream<parcel>) -> u64;
  virtual tenon::Task<std::uint64_t> send(
      const tenon::Caller& caller,
      tenon::Stream<std::shared_ptr<parcel>> parcels) = 0;

  // A parcel for each label.
  // order: async func(labels: list<string>) -> stream<parcel>;
  virtual tenon::Task<tenon::Stream<std::shared_ptr<parcel>>> order(
      const tenon::Caller& caller,
      std::vector<std::string> labels) = 0;

  // wait: async func(signal: future<string>) -> string;
  virtual tenon::Task<std::string> wait(
      const tenon::Caller& caller,
      tenon::Future<std::string> signal) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace courier::parcels

// demo:parcels/parcels@1.0.0
namespace courier::exports::parcels {
class parcel;
struct batch;

// A resource of a unit. Destroying it drops the resource.
class parcel final : public tenon::Resource {
 public:
  static constexpr std::string_view resource_name = "parcel";
  parcel() = default;
  // functions: those of the unit; null for an item of a stream, whose methods then fail.
  parcel(tenon::Resource resource, std::shared_ptr<const tenon::detail::ResourceFunctions> functions);

  // label: func() -> string;
  [[nodiscard]] tenon::CallResult<std::string> label() const;

 private:
  std::shared_ptr<const detail::functions> functions_;
};
struct batch {
  std::string owner = {};
  std::vector<parcel> parcels = {};
  std::optional<parcel> spare = {};
};
TENON_RECORD(batch, owner, parcels, spare)

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // constructor(label: string);
  [[nodiscard]] tenon::CallResult<parcel> make_parcel(std::string_view label) const;

  // pack: func(labels: list<string>) -> batch;
  [[nodiscard]] tenon::CallResult<::courier::exports::parcels::batch> pack(
      std::span<const std::string> labels) const;

  // The labels of all parcels, which end.
  // open: func(batch: batch) -> list<string>;
  [[nodiscard]] tenon::CallResult<std::vector<std::string>> open(
      ::courier::exports::parcels::batch batch) const;

  // shout: async func(words: stream<string>) -> stream<string>;
  [[nodiscard]] tenon::Task<tenon::CallResult<tenon::Stream<std::string>>> shout(
      tenon::Stream<std::string> words) const;

  // The bytes of all labels.
  // send: async func(parcels: stream<parcel>) -> u64;
  [[nodiscard]] tenon::Task<tenon::CallResult<std::uint64_t>> send(
      tenon::Stream<parcel> parcels) const;

  // A parcel for each label.
  // order: async func(labels: list<string>) -> stream<parcel>;
  [[nodiscard]] tenon::Task<tenon::CallResult<tenon::Stream<parcel>>> order(
      std::span<const std::string> labels) const;

  // wait: async func(signal: future<string>) -> string;
  [[nodiscard]] tenon::Task<tenon::CallResult<std::string>> wait(
      tenon::Future<std::string> signal) const;

  // Gives a resource that was read from a stream its functions.
  [[nodiscard]] parcel adopt(parcel resource) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace courier::exports::parcels

namespace courier {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::parcels::functions parcels;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace courier
