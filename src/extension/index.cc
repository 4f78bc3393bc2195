#include "extension/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "extension/manifest.h"
#include "host/manifest.h"
#include "support/diagnostics.h"
#include "support/version_range.h"

namespace tenon::extension {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

Json print_dependency(const ExtensionDependency& one) {
  Json made = {{"name", one.name}, {"range", one.range}};
  if (!one.from.empty()) made["from"] = one.from;
  if (one.is_optional) made["optional"] = true;
  if (one.is_lazy) made["lazy"] = true;
  return made;
}

Json print_need(const ExtensionNeed& one) {
  Json made = {{"interface", one.interface},
               {"export", one.exported},
               {"from", one.from},
               {"version", one.version}};
  if (one.is_lazy) made["lazy"] = true;
  return made;
}

template <class T, class F>
Json print_all(const std::vector<T>& all, F&& print) {
  Json made = Json::array();
  for (const T& one : all) made.push_back(print(one));
  return made;
}

Json print_limits(const Limits& limits) {
  Json made = Json::object();
  if (limits.memory) made["memory"] = *limits.memory;
  if (limits.fuel) made["fuel"] = *limits.fuel;
  if (limits.instances) made["instances"] = *limits.instances;
  if (limits.call_timeout) made["timeout-ms"] = limits.call_timeout->count();
  return made;
}

Json print_extension(const Extension& one) {
  Json made = {{"name", one.name},   {"version", one.version}, {"sha256", one.digest},
               {"bytes", one.bytes}, {"source", one.source},   {"asked", one.asked},
               {"added", one.added}};
  // What is not there is not written: most extensions have little of it.
  const auto add = [&made](const char* key, auto value) {
    if (!value.empty()) made[key] = std::move(value);
  };
  add("link", one.link);
  add("description", one.description);
  add("license", one.license);
  add("repository", one.repository);
  add("authors", one.authors);
  if (one.command)
    made["command"] = {{"export", one.command->exported}, {"aliases", one.command->aliases}};
  add("imports", one.imports);
  add("exports", one.exports);
  add("libraries", one.libraries);
  add("dependencies", print_all(one.dependencies, print_dependency));
  add("needs", print_all(one.needs, print_need));
  Json wants = Json::object();
  const auto add_wants = [&wants](const char* key, const std::vector<std::string>& all) {
    if (!all.empty()) wants[key] = all;
  };
  add_wants("fs", one.wants.fs);
  add_wants("net", one.wants.net);
  add_wants("env", one.wants.env);
  add_wants("host", one.wants.host);
  add("wants", std::move(wants));
  add("limits", print_limits(one.limits));
  add("grants", one.grants);
  return made;
}

// Takes keys of an object; what is of another kind, or no version, makes the whole no index.
class ObjectReader final {
 public:
  ObjectReader(const Json& object, bool& is_sound) : object_(object), is_sound_(is_sound) {
    if (!object.is_object()) is_sound_ = false;
  }

  template <class T>
  T take(const char* key, T otherwise = {}) {
    const auto found = object_.find(key);
    if (found == object_.end()) return otherwise;
    if constexpr (std::is_same_v<T, bool>)
      return fits(found->is_boolean()) ? found->template get<bool>() : otherwise;
    else if constexpr (std::is_same_v<T, std::string>)
      return fits(found->is_string()) ? found->template get<std::string>() : otherwise;
    else
      return fits(found->is_number_unsigned()) ? found->template get<T>() : otherwise;
  }
  std::vector<std::string> take_texts(const char* key) {
    std::vector<std::string> made;
    const auto found = object_.find(key);
    if (found == object_.end() || !fits(found->is_array())) return made;
    for (const Json& one : *found)
      if (fits(one.is_string())) made.push_back(one.get<std::string>());
    return made;
  }
  std::optional<std::uint64_t> take_count(const char* key) {
    if (!object_.contains(key)) return std::nullopt;
    return take<std::uint64_t>(key);
  }
  std::string take_version(const char* key) {
    std::string text = take<std::string>(key);
    fits(static_cast<bool>(parse_version(text)));
    return text;
  }
  // Calls `read` for the object under `key`, if it is there.
  template <class F>
  void take_object(const char* key, F&& read) {
    const auto found = object_.find(key);
    if (found == object_.end()) return;
    ObjectReader inner(*found, is_sound_);
    if (is_sound_) read(inner);
  }
  // Calls `read` for each object of the array under `key`.
  template <class F>
  void take_objects(const char* key, F&& read) {
    const auto found = object_.find(key);
    if (found == object_.end() || !fits(found->is_array())) return;
    for (const Json& one : *found) {
      ObjectReader inner(one, is_sound_);
      if (is_sound_) read(inner);
    }
  }
  bool fits(bool does) {
    is_sound_ = is_sound_ && does;
    return does;
  }

 private:
  const Json& object_;
  bool& is_sound_;
};

ExtensionDependency read_dependency(ObjectReader& object) {
  ExtensionDependency made;
  made.name = object.take<std::string>("name");
  made.range = object.take<std::string>("range", "*");
  object.fits(static_cast<bool>(parse_version_range(made.range)));
  made.from = object.take<std::string>("from");
  made.is_optional = object.take<bool>("optional");
  made.is_lazy = object.take<bool>("lazy");
  return made;
}

ExtensionNeed read_need(ObjectReader& object) {
  return {.interface = object.take<std::string>("interface"),
          .exported = object.take<std::string>("export"),
          .from = object.take<std::string>("from"),
          .version = object.take_version("version"),
          .is_lazy = object.take<bool>("lazy")};
}

Extension read_extension(ObjectReader& object) {
  Extension made;
  made.name = object.take<std::string>("name");
  object.fits(is_extension_name(made.name));
  made.version = object.take_version("version");
  made.digest = object.take<std::string>("sha256");
  object.fits(host::is_digest(made.digest));
  made.bytes = object.take<std::uint64_t>("bytes");
  made.source = object.take<std::string>("source");
  made.asked = object.take<std::string>("asked");
  made.link = object.take<std::string>("link");
  made.added = object.take<std::string>("added");
  made.description = object.take<std::string>("description");
  made.license = object.take<std::string>("license");
  made.repository = object.take<std::string>("repository");
  made.authors = object.take_texts("authors");
  object.take_object("command", [&](ObjectReader& command) {
    made.command =
        ExtensionCommand{command.take<std::string>("export"), command.take_texts("aliases")};
  });
  made.imports = object.take_texts("imports");
  made.exports = object.take_texts("exports");
  made.libraries = object.take_texts("libraries");
  object.take_objects("dependencies", [&](ObjectReader& dependency) {
    made.dependencies.push_back(read_dependency(dependency));
  });
  object.take_objects("needs", [&](ObjectReader& need) { made.needs.push_back(read_need(need)); });
  object.take_object("wants", [&](ObjectReader& wants) {
    made.wants = {wants.take_texts("fs"), wants.take_texts("net"), wants.take_texts("env"),
                  wants.take_texts("host")};
  });
  object.take_object("limits", [&](ObjectReader& limits) {
    made.limits.memory = limits.take_count("memory");
    made.limits.fuel = limits.take_count("fuel");
    made.limits.instances = limits.take_count("instances");
    if (const auto time = limits.take_count("timeout-ms"))
      made.limits.call_timeout = std::chrono::milliseconds(*time);
  });
  made.grants = object.take_texts("grants");
  return made;
}

bool is_before(const Extension& a, const Extension& b) {
  return a.name != b.name ? a.name < b.name : compare_versions(version_of(a), version_of(b)) < 0;
}

}  // namespace

Version version_of(const Extension& extension) { return *parse_version(extension.version); }

const Extension* Index::find(std::string_view name) const {
  const auto past = std::ranges::upper_bound(
      extensions, name, {}, [](const Extension& one) -> std::string_view { return one.name; });
  return past == extensions.begin() || std::prev(past)->name != name ? nullptr : &*std::prev(past);
}

const Extension* Index::find(std::string_view name, std::string_view version) const {
  for (const Extension& one : extensions)
    if (one.name == name && one.version == version) return &one;
  return nullptr;
}

void Index::sort() { std::ranges::sort(extensions, is_before); }

std::string print_index(const Index& index) {
  // One extension a line: what changed is seen by `diff`.
  std::string text = fmt::format("{{\"schema\": {}, \"extensions\": [", kSchema);
  for (const Extension& one : index.extensions)
    text += fmt::format("{}\n{}", &one == &index.extensions.front() ? "" : ",",
                        print_extension(one).dump(-1, ' ', false, Json::error_handler_t::replace));
  return text + "\n]}\n";
}

Result<Index> parse_index(std::string_view text, const std::string& file) {
  const Json read = Json::parse(text, nullptr, false);
  bool is_sound = true;
  Index index;
  ObjectReader root(read, is_sound);
  const bool is_known = is_sound && root.take<std::uint64_t>("schema") == kSchema;
  if (is_known)
    root.take_objects("extensions",
                      [&](ObjectReader& one) { index.extensions.push_back(read_extension(one)); });
  if (is_known && is_sound && std::ranges::is_sorted(index.extensions, is_before)) return index;
  Diagnostic problem =
      make_diagnostic(Code::ExtStore, "`{}` is {}", file,
                      is_sound && !is_known ? "the index of another tenon" : "damaged");
  problem.where.file = file;
  problem.hints.emplace_back(
      "take a newer tenon; or move the store away, and add its extensions again: ext.lock names "
      "their sources");
  return problem;
}

}  // namespace tenon::extension
