// A function that a package exports: called by the program, by a component, by another package.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "packr/package_body.h"
#include "runtime/domain.h"
#include "tenon/call_failure.h"

namespace tenon::packr {

// Takes the result of a call where it lies in the package's memory.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  // result: lives as long as this call; it is the package's own, and may be changed.
  // False: it could not be taken, for no fault of the package's. Who gave the sink knows why.
  [[nodiscard]] virtual bool take(PackageBody& package, std::span<std::uint8_t> result) = 0;
};

class PackageFunction final {
 public:
  // domain: that runs the package. name: as people call it.
  PackageFunction(runtime::Domain& domain, std::string unit, std::string name)
      : domain_(domain), unit_(std::move(unit)), name_(std::move(name)) {}

  [[nodiscard]] runtime::Domain& domain() const { return domain_; }
  [[nodiscard]] const std::string& unit() const { return unit_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  // Calls it with a value in the wire form. The sink takes the result once, if there is one.
  // caller: the handles to buffers in `params` are those of this package; null: there are none.
  // Failures: as CallFailure says; GuestError with the text that the package gave.
  [[nodiscard]] CallResult<void> call(std::span<const std::uint8_t> params, PackageBody* caller,
                                      ResultSink& sink);

  // After a call whose result is none that the function may give: a trap of the package.
  [[nodiscard]] CallFailure refuse_result(std::string message);

 private:
  friend class PackageCall;

  runtime::Domain& domain_;
  std::string unit_;
  std::string name_;
  std::uint64_t life_ = 0;  // of the domain when `found_` was
  std::optional<engine::CoreFunction> found_;
};

// Looks at a result on its way. What is wrong with it, if its consumer cannot take it.
using ResultCheck = std::function<std::optional<std::string>(std::span<const std::uint8_t>)>;

// An import of a package, met by a function of another: the bytes go from memory to memory, and
// nobody looks into them but for buffers.
// check: of results that may be more than the consumer wants; null: they are what it wants. A
// package that cannot read its import's result may hang, so it ends before.
[[nodiscard]] std::shared_ptr<PackageImport> import_from_package(PackageFunction function,
                                                                 ResultCheck check = {});

}  // namespace tenon::packr
