#include "host/c_library.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "host/c_call.h"
#include "support/diagnostics.h"
#include "support/terminal_text.h"

namespace tenon::host {

namespace {

constexpr tenon_host_module make_module(std::uint32_t threading) {
  return {sizeof(tenon_host_module),
          TENON_HOST_ABI_MAJOR,
          TENON_HOST_ABI_MINOR,
          threading,
          "",
          "",
          nullptr,
          nullptr,
          nullptr,
          0,
          nullptr,
          0};
}
constexpr std::array kModules = {make_module(TENON_SERIAL_LIBRARY),
                                 make_module(TENON_SERIAL_INSTANCE), make_module(TENON_CONCURRENT)};

const tenon_host_module& module_of(Threading threading) {
  switch (threading) {
    case Threading::Library:
      return kModules[0];
    case Threading::Instance:
      return kModules[1];
    case Threading::Any:
      return kModules[2];
  }
  return kModules[0];
}

using Destructor = void (*)(void*);

// self: the destructor of the library.
void drop(void* self, void* rep) { reinterpret_cast<Destructor>(self)(rep); }

class Binder final {
 public:
  Binder(const CBundleNames& names, const Library& library)
      : library_(library),
        problem_(make_diagnostic(Code::HostWitMismatch, "host '{}' does not implement its WIT",
                                 names.host)),
        names_(names) {}

  Result<ModuleTable> bind(const CPlan& plan, const Manifest& manifest) && {
    NativeItems<NativeFunction> functions;
    NativeItems<NativeResource> resources;
    std::vector<std::shared_ptr<const void>> keeps;
    std::vector<Destructor> drops;
    for (const CResourcePlan& resource_plan : plan.resources) {
      void* const symbol = find(
          resource_plan.symbol,
          fmt::format("the destructor of `{}#{}`", resource_plan.interface, resource_plan.name),
          resource_plan.where);
      drops.push_back(reinterpret_cast<Destructor>(symbol));
      resources.emplace(std::pair(resource_plan.interface, resource_plan.name),
                        NativeResource{drop, symbol});
    }
    for (const CFunctionPlan& function_plan : plan.functions) {
      const std::string shown =
          function_plan.interface.empty()
              ? function_plan.name
              : fmt::format("{}#{}", function_plan.interface, function_plan.name);
      CSymbols symbols;
      symbols.function =
          find(function_plan.symbol, fmt::format("`{}`", shown), function_plan.where);
      if (!function_plan.signature.free.empty())
        symbols.free = reinterpret_cast<Destructor>(find(function_plan.signature.free,
                                                         fmt::format("`free` of `{}`", shown),
                                                         function_plan.where));
      if (!function_plan.signature.error.empty())
        symbols.error = reinterpret_cast<const char* (*)(int)>(
            find(function_plan.signature.error, fmt::format("`error` of `{}`", shown),
                 function_plan.where));
      for (const CPlace& place : function_plan.signature.places) {
        const auto resource =
            std::ranges::find(plan.resources, place.resource, &CResourcePlan::resource);
        const bool is_made_here = place.resource.is_valid() && resource != plan.resources.end();
        symbols.drops.push_back(
            is_made_here ? drops[static_cast<std::size_t>(resource - plan.resources.begin())]
                         : nullptr);
      }
      if (!problem_.notes.empty()) continue;
      PreparedCall call = prepare_c_call(function_plan.signature, std::move(symbols));
      functions.emplace(std::pair(function_plan.interface, function_plan.name), call.function);
      keeps.push_back(std::move(call.keeps));
    }
    if (!problem_.notes.empty()) return explain(manifest);
    return ModuleTable::make(module_of(manifest.threading), std::move(functions),
                             std::move(resources), std::move(keeps));
  }

 private:
  void* find(const std::string& symbol, const std::string& purpose, const Location& where) {
    const FoundSymbol found = library_.find_symbol(symbol);
    if (found.address != nullptr && !found.is_data) return found.address;
    problem_.notes.push_back({found.is_data
                                  ? fmt::format("its `{}`, for {}, is data, not a function",
                                                sanitize_text(symbol), sanitize_text(purpose))
                                  : fmt::format("its library has no symbol `{}`, for {}",
                                                sanitize_text(symbol), sanitize_text(purpose)),
                              {},
                              where});
    if (problem_.where.file.empty()) problem_.where = where;
    return nullptr;
  }

  Diagnostic explain(const Manifest& manifest) {
    problem_.notes.push_back({fmt::format("its library is {}", library_.path()), {}, {}});
    if (problem_.where.file.empty()) problem_.where.file = names_.wit;
    problem_.hints.emplace_back(
        "name existing symbols in `[[function]]` of host.toml; `nm -D` lists them");
    if (manifest.abi == BundleAbi::Auto)
      problem_.hints.emplace_back(
          "the library does not export `tenon_host_module_v1`; if it should have a table, include "
          "<tenon/tenon_host.h> and define the table with TENON_HOST_ENTRY");
    return std::move(problem_);
  }

  const Library& library_;
  Diagnostic problem_;
  const CBundleNames& names_;
};

}  // namespace

Result<ModuleTable> bind_c_library(const CBundleNames& names, const Library& library,
                                   const CPlan& plan, const Manifest& manifest) {
  return Binder(names, library).bind(plan, manifest);
}

}  // namespace tenon::host
