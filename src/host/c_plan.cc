#include "host/c_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::host {

namespace {

using Key = std::pair<std::string, std::string>;

std::string show_key(const Key& key) {
  return sanitize_text(key.first.empty() ? key.second
                                         : fmt::format("{}#{}", key.first, key.second));
}
// The name as the key `wit` of an entry has it.
std::string entry_name(const Key& key) {
  return key.first.empty() ? key.second : fmt::format("{}.{}", key.first, key.second);
}

class Planner final {
 public:
  Planner(const Manifest& manifest, const WantedItems& wanted, const types::Types& types,
          const std::string& wit)
      : manifest_(manifest), wanted_(wanted), types_(types), wit_(wit) {}

  Result<CPlan> plan() && {
    read_entries();
    for (const WantedItem& item : wanted_.functions) add_function(item);
    for (const WantedItem& item : wanted_.resources) add_resource(item);
    if (!problems_.empty()) return std::move(problems_);
    return std::move(made_);
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
    for (const WantedItem& item : wanted_.functions)
      known.emplace(Key(item.interface, item.name), true);
    for (const WantedItem& item : wanted_.resources)
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
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second;
  }

  // The default symbol of a function without an entry. Two functions with the same default symbol are
  // an error.
  std::string take_symbol(const Key& key, const WantedItem& item) {
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

  // Names have no version here, so a WIT with two versions of an interface has the same key twice. If
  // the types are equal, one C function serves both.
  bool is_known(const Key& key, const WantedItem& item) {
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

  void add_function(const WantedItem& item) {
    const Key key(item.interface, item.name);
    if (is_known(key, item)) return;
    const CFunctionEntry* const entry = find_entry(key);
    CFunctionPlan made{.interface = item.interface,
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
    made.signature = *std::move(signature);
    made_.functions.push_back(std::move(made));
  }

  void add_resource(const WantedItem& item) {
    const Key key(item.interface, drop_name(item.name));
    const CFunctionEntry* const entry = find_entry(key);
    const Key shown(item.interface, item.name + "_drop");
    if (const auto first = destructors_.find(key); first != destructors_.end()) {
      CResourcePlan again = made_.resources[first->second];
      again.resource = item.resource;
      made_.resources.push_back(std::move(again));
      return;
    }
    destructors_.emplace(key, made_.resources.size());
    if (entry != nullptr &&
        (entry->args || entry->returns || entry->room || entry->free || entry->error))
      complain(entry->where,
               fmt::format("`{}` is a destructor, which always takes one pointer and whose return "
                           "value is ignored",
                           sanitize_text(entry_name(key))),
               "remove all keys except `wit` and `symbol`");
    made_.resources.push_back(
        {.interface = item.interface,
         .name = item.name,
         .resource = item.resource,
         .symbol = entry != nullptr ? entry->symbol : take_symbol(shown, item),
         .where = entry != nullptr ? entry->where : item.where});
  }

  const Manifest& manifest_;
  const WantedItems& wanted_;
  const types::Types& types_;
  const std::string& wit_;
  std::map<Key, const CFunctionEntry*> entries_;
  std::map<std::string, Key> symbols_;  // the default symbols
  std::map<Key, const WantedItem*> seen_;
  std::map<Key, std::size_t> destructors_;  // in `made_.resources`
  CPlan made_;
  Diagnostics problems_;
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

Result<CPlan> plan_c_library(const Manifest& manifest, const WantedItems& wanted,
                             const types::Types& types, const std::string& wit) {
  return Planner(manifest, wanted, types, wit).plan();
}

}  // namespace tenon::host
