#include "host/c_library.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <utility>

#include "host/c_call.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::host {

namespace {

// --- The plan

using Key = std::pair<std::string, std::string>;

std::string show_key(const Key& key) { return sanitize_text(shown_name(key.first, key.second)); }
// The name as the key `wit` of an entry has it.
std::string entry_name(const Key& key) {
  return key.first.empty() ? key.second : fmt::format("{}.{}", key.first, key.second);
}

class Planner final {
 public:
  Planner(const Manifest& manifest, const RequiredItems& required, const types::Types& types,
          const std::string& wit)
      : manifest_(manifest), required_(required), types_(types), wit_(wit) {}

  Result<CPlan> plan() && {
    read_entries();
    for (const RequiredItem& item : required_.functions) add_function(item);
    for (const RequiredItem& item : required_.resources) add_resource(item);
    if (!problems_.empty()) return std::move(problems_);
    return std::move(plan_);
  }

 private:
  void complain(const Location& where, std::string message, std::string hint) {
    Diagnostic problem = make_diagnostic(Code::ConfigValue, "in `[[function]]`, {}", message);
    problem.where = where;
    problem.hints.push_back(std::move(hint));
    problems_.push_back(std::move(problem));
  }

  void read_entries() {
    std::vector<std::string> names;
    std::map<Key, bool> known;
    for (const RequiredItem& item : required_.functions)
      known.emplace(Key(item.interface, item.name), true);
    for (const RequiredItem& item : required_.resources)
      known.emplace(Key(item.interface, drop_name(item.name)), false);
    for (const auto& [key, is_function] : known) names.push_back(entry_name(key));
    for (const CFunctionEntry& entry : manifest_.functions) {
      const Key key(entry.interface, entry.name);
      if (!known.contains(key)) {
        complain(entry.where,
                 fmt::format("the WIT of `{}` has no `{}`", manifest_.name,
                             sanitize_text(entry_name(key))),
                 suggest_name(entry_name(key), names, "functions"));
        continue;
      }
      const auto [first, is_new] = entries_.emplace(key, &entry);
      if (!is_new) {
        complain(
            entry.where, fmt::format("duplicate entry for `{}`", sanitize_text(entry_name(key))),
            fmt::format("remove it, or the first entry in line {}", first->second->where.line));
      }
    }
  }

  [[nodiscard]] const CFunctionEntry* find_entry(const Key& key) const {
    const auto entry = entries_.find(key);
    return entry == entries_.end() ? nullptr : entry->second;
  }

  // The default symbol of a function without an entry. Two functions with the same default symbol
  // are an error.
  std::string take_symbol(const Key& key, const RequiredItem& item) {
    std::string symbol = default_symbol(key.first, key.second);
    const auto [first, is_new] = symbols_.emplace(symbol, key);
    if (!is_new) {
      Diagnostic problem = make_diagnostic(Code::HostWitMismatch,
                                           "`{}` and `{}` have the same default C symbol, `{}`",
                                           show_key(first->second), show_key(key), symbol);
      problem.where = item.where;
      problem.hints.push_back(fmt::format("choose another: `[[function]]` with `wit = \"{}\"`",
                                          sanitize_text(entry_name(key))));
      problems_.push_back(std::move(problem));
    }
    return symbol;
  }

  // Names have no version here, so a WIT with two versions of an interface has the same key twice.
  // If the types are equal, one C function serves both.
  bool is_known(const Key& key, const RequiredItem& item) {
    const auto [first, is_new] = seen_.emplace(key, &item);
    if (!is_new && first->second->signature != item.signature) {
      Diagnostic problem =
          make_diagnostic(Code::HostWitMismatch,
                          "`{}` has different types in two versions of its interface, which "
                          "share one C symbol",
                          show_key(key));
      problem.where = item.where;
      problem.hints.emplace_back(
          "export only one of the versions, and make another bundle for the other");
      problems_.push_back(std::move(problem));
    }
    return !is_new;
  }

  void add_function(const RequiredItem& item) {
    const Key key(item.interface, item.name);
    if (is_known(key, item)) return;
    const CFunctionEntry* const entry = find_entry(key);
    CFunctionPlan function{.interface = item.interface,
                           .name = item.name,
                           .symbol = entry != nullptr ? entry->symbol : take_symbol(key, item),
                           .where = entry != nullptr ? entry->where : item.where,
                           .signature = {}};
    Result<CSignature> signature = make_c_signature({.types = types_,
                                                     .function = types_.functions[item.function],
                                                     .name = show_key(key),
                                                     .where = item.where,
                                                     .wit = wit_,
                                                     .entry = entry});
    if (!signature) {
      std::ranges::move(signature.error(), std::back_inserter(problems_));
      return;
    }
    function.signature = *std::move(signature);
    plan_.functions.push_back(std::move(function));
  }

  void add_resource(const RequiredItem& item) {
    const Key key(item.interface, drop_name(item.name));
    const CFunctionEntry* const entry = find_entry(key);
    const Key shown(item.interface, item.name + "_drop");
    if (const auto first = destructors_.find(key); first != destructors_.end()) {
      CResourcePlan again = plan_.resources[first->second];
      again.resource = item.resource;
      plan_.resources.push_back(std::move(again));
      return;
    }
    destructors_.emplace(key, plan_.resources.size());
    if (entry != nullptr &&
        (entry->args || entry->returns || entry->room || entry->free || entry->error))
      complain(entry->where,
               fmt::format("`{}` is a destructor, which always takes one pointer and whose return "
                           "value is ignored",
                           sanitize_text(entry_name(key))),
               "remove all keys except `wit` and `symbol`");
    plan_.resources.push_back(
        {.interface = item.interface,
         .name = item.name,
         .resource = item.resource,
         .symbol = entry != nullptr ? entry->symbol : take_symbol(shown, item),
         .where = entry != nullptr ? entry->where : item.where});
  }

  const Manifest& manifest_;
  const RequiredItems& required_;
  const types::Types& types_;
  const std::string& wit_;
  std::map<Key, const CFunctionEntry*> entries_;
  std::map<std::string, Key> symbols_;  // the default symbols
  std::map<Key, const RequiredItem*> seen_;
  std::map<Key, std::size_t> destructors_;  // in `plan_.resources`
  CPlan plan_;
  Diagnostics problems_;
};

// --- The symbols

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
      const std::string shown = shown_name(function_plan.interface, function_plan.name);
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
        const bool is_own = place.resource.is_valid() && resource != plan.resources.end();
        symbols.drops.push_back(
            is_own ? drops[static_cast<std::size_t>(resource - plan.resources.begin())] : nullptr);
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
    const LibrarySymbol match = library_.find_symbol(symbol);
    if (match.address != nullptr && !match.is_data) return match.address;
    problem_.notes.push_back({match.is_data
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

std::string default_symbol(std::string_view interface, std::string_view name) {
  std::string text(interface);
  if (!text.empty()) text += '_';
  // "[method]stream.read" is "method_stream_read".
  for (const char c : name) text += c == ']' ? '_' : c;
  std::erase(text, '[');
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ':' || c == '/' || c == '-' || c == '.') c = '_';
  }
  return text;
}

std::string drop_name(std::string_view resource) {
  return fmt::format("{}{}", kDropPrefix, resource);
}

Result<CPlan> plan_c_library(const Manifest& manifest, const RequiredItems& required,
                             const types::Types& types, const std::string& wit) {
  return Planner(manifest, required, types, wit).plan();
}

Result<ModuleTable> bind_c_library(const CBundleNames& names, const Library& library,
                                   const CPlan& plan, const Manifest& manifest) {
  return Binder(names, library).bind(plan, manifest);
}

}  // namespace tenon::host
