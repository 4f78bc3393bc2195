#include "linker/traced_import.h"

#include <optional>
#include <utility>
#include <vector>

#include "linker/package_call.h"

namespace tenon::linker {

namespace {

class TracedImport final : public packr::PackageImport {
 public:
  TracedImport(Trace& trace, const Trace::Names& names, FunctionType type,
               std::shared_ptr<const Package> package, std::shared_ptr<packr::PackageImport> met_by)
      : calls_(trace, names),
        values_(std::move(type), std::move(package)),
        met_by_(std::move(met_by)) {}

  Result<void, packr::ImportFailure> call(packr::ImportCall& call) override {
    calls_.begin([&](std::uint64_t& bytes) {
      bytes += call.params().size();
      const Result<std::vector<Value>> arguments = values_.read_arguments(call.params());
      return arguments ? print_traced_arguments(*arguments) : "<bad>";
    });
    Result<void, packr::ImportFailure> called = met_by_->call(call);
    if (called) {
      see_result(call.given());
      calls_.end(nullptr);
      return called;
    }
    CallFailure of_caller;
    of_caller.message = kNotTaken;
    const std::optional<CallFailure>& of_provider = called.error().of_provider;
    calls_.end(of_provider ? &*of_provider : &of_caller);
    return called;
  }

 private:
  void see_result(std::span<const std::uint8_t> given) {
    calls_.see_result([&](std::uint64_t& bytes) -> std::string {
      bytes += given.size();
      const Result<std::optional<Value>> result = values_.read_result(given);
      if (!result) return "<bad>";
      return *result ? print_traced(**result) : std::string();
    });
  }

  TracedCalls calls_;
  PackageValues values_;
  std::shared_ptr<packr::PackageImport> met_by_;
};

}  // namespace

std::shared_ptr<packr::PackageImport> trace_import(Trace& trace, const Trace::Names& names,
                                                   FunctionType type,
                                                   std::shared_ptr<const Package> package,
                                                   std::shared_ptr<packr::PackageImport> met_by) {
  return std::make_shared<TracedImport>(trace, names, std::move(type), std::move(package),
                                        std::move(met_by));
}

}  // namespace tenon::linker
