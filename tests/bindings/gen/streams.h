// Made by `tenon bindgen cpp` from the WIT of x:y/host. Do not edit.
#pragma once

#include <tenon/record.h>
#include <tenon/result.h>
#include <tenon/stream.h>
#include <tenon/task.h>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace tenon {
class Composition;
class CompositionBuilder;
class Unit;
}  // namespace tenon
namespace tenon::detail {
struct ResourceFunctions;
}
namespace streams::detail {
struct functions;
}

// x:y/lib
namespace streams::exports::lib {
struct upload;
struct upload {
  std::string name = {};
  tenon::Stream<std::uint8_t> body = {};
};
TENON_RECORD(upload, name, body)

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // open: async func() -> stream<string>;
  [[nodiscard]] tenon::Task<tenon::CallResult<tenon::Stream<std::string>>> open() const;

  // join: async func(a: future<string>, b: future<string>) -> string;
  [[nodiscard]] tenon::Task<tenon::CallResult<std::string>> join(
      tenon::Future<std::string> a,
      tenon::Future<std::string> b) const;

  // after: async func(signal: future) -> future;
  [[nodiscard]] tenon::Task<tenon::CallResult<tenon::Future<void>>> after(
      tenon::Future<void> signal) const;

  // bytes: async func(upload: upload) -> result<u64, string>;
  [[nodiscard]] tenon::Task<tenon::CallResult<tenon::Expected<std::uint64_t, std::string>>> bytes(
      ::streams::exports::lib::upload upload) const;

  // copy: func(%from: stream<u8>) -> stream<u8>;
  [[nodiscard]] tenon::CallResult<tenon::Stream<std::uint8_t>> copy(
      tenon::Stream<std::uint8_t> from) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace streams::exports::lib

namespace streams {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::lib::functions lib;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace streams
