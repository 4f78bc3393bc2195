#include "wit/package_docs.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <variant>

namespace tenon::wit {

namespace {

using Json = nlohmann::json;

// Of worlds.NAME.interfaces.NAME.types.NAME.items.NAME, which is a text.
constexpr int kDeepest = 8;

constexpr std::uint8_t kNewestVersion = 1;

// Bytes of paths for each byte of the section; an item that is documented has 16 bytes or more of it.
constexpr std::size_t kPathBytes = 64;

// The member of an object; null if it is missing, or is not an object.
const Json* find_object(const Json& in, const char* name) {
  const auto found = in.find(name);
  return found != in.end() && found->is_object() ? &*found : nullptr;
}

class DocsReader {
 public:
  DocsReader(const types::WitPackageTypes& package, std::size_t budget)
      : package_(package), budget_(budget) {
    const std::size_t version = package.name.find('@');
    name_ = package.name.substr(0, version);
    if (version != std::string::npos) version_ = package.name.substr(version);
  }

  std::unordered_map<std::string, std::string> read(const Json& root) && {
    for_each(root, "interfaces", [&](const std::string& name, const Json& interface) {
      read_interface(path_of(name), interface);
    });
    for_each(root, "worlds",
             [&](const std::string& name, const Json& world) { read_world(path_of(name), world); });
    return std::move(docs_);
  }

 private:
  template <class Read>
  void for_each(const Json& in, const char* member, Read&& read) {
    const Json* const object = find_object(in, member);
    if (object == nullptr) return;
    for (const auto& [name, each] : object->items()) {
      const std::size_t size = name.size();
      if (budget_ <= size) return;
      budget_ -= size;
      read(name, each);
    }
  }

  [[nodiscard]] std::string path_of(std::string_view name) const {
    return fmt::format("{}/{}{}", name_, name, version_);
  }

  // The first one of a path is kept.
  void add(const std::string& path, const Json& text) {
    budget_ -= std::min(budget_, path.size());
    if (text.is_string() && budget_ > 0) docs_.emplace(path, text.get<std::string>());
  }
  // Of an item with a member `docs`. Version 0 has the text of a function instead.
  void add_docs(const std::string& path, const Json& item) {
    if (const auto found = item.find("docs"); item.is_object() && found != item.end())
      add(path, *found);
    add(path, item);
  }

  void read_interface(const std::string& path, const Json& interface) {
    add_docs(path, interface);
    read_types(path, interface);
    for_each(interface, "funcs", [&](const std::string& name, const Json& function) {
      add_docs(fmt::format("{}#{}", path, name), function);
    });
  }

  void read_types(const std::string& path, const Json& owner) {
    for_each(owner, "types", [&](const std::string& name, const Json& type) {
      const std::string type_path = fmt::format("{}#{}", path, name);
      add_docs(type_path, type);
      for_each(type, "items", [&](const std::string& member, const Json& text) {
        add(fmt::format("{}.{}", type_path, member), text);
      });
    });
  }

  void read_world(const std::string& path, const Json& world) {
    add_docs(path, world);
    read_types(path, world);
    const auto side = [&](std::string_view word, const std::string& name) {
      return fmt::format("{}#{}:{}", path, word, name);
    };
    // Older writers put exports among the imports, unless an import has the same name.
    const auto import_or_export = [&](const std::string& name) {
      return side(imports(path, name) ? "import" : "export", name);
    };
    for_each(world, "interface_exports", [&](const std::string& name, const Json& interface) {
      read_interface(side("export", name), interface);
    });
    for_each(world, "func_exports", [&](const std::string& name, const Json& function) {
      add_docs(side("export", name), function);
    });
    for_each(world, "interfaces", [&](const std::string& name, const Json& interface) {
      read_interface(import_or_export(name), interface);
    });
    for_each(world, "funcs", [&](const std::string& name, const Json& function) {
      add_docs(import_or_export(name), function);
    });
    for_each(world, "interface_import_docs",
             [&](const std::string& name, const Json& text) { add(side("import", name), text); });
    for_each(world, "interface_export_docs",
             [&](const std::string& name, const Json& text) { add(side("export", name), text); });
  }

  [[nodiscard]] bool imports(const std::string& path, std::string_view name) const {
    const types::NamedWorld* const world = package_.find_world(path);
    return world != nullptr &&
           std::ranges::find(world->type.imports, name, &types::RootItem::name) !=
               world->type.imports.end();
  }

  const types::WitPackageTypes& package_;
  std::string name_;     // "acme:tax"
  std::string version_;  // "@1.2.0"; can be empty
  // Bytes of paths that are still made. A long name has a copy in the path of each item in it.
  std::size_t budget_;
  std::unordered_map<std::string, std::string> docs_;
};

}  // namespace

std::unordered_map<std::string, std::string> read_package_docs(
    std::span<const std::uint8_t> file, const binary::Component& component,
    const types::WitPackageTypes& package) {
  for (const binary::Definition& definition : component.definitions) {
    const auto* const section = std::get_if<binary::CustomSection>(&definition);
    if (section == nullptr || section->name != "package-docs") continue;
    const std::span<const std::uint8_t> bytes =
        file.subspan(section->span.begin, section->span.end - section->span.begin);
    if (bytes.empty() || bytes.front() > kNewestVersion) return {};
    const auto is_needed = [](int depth, Json::parse_event_t /*event*/, Json& /*value*/) {
      return depth <= kDeepest;
    };
    const Json root = Json::parse(bytes.begin() + 1, bytes.end(), is_needed, false);
    if (!root.is_object()) return {};
    return DocsReader(package, kPathBytes * bytes.size()).read(root);
  }
  return {};
}

}  // namespace tenon::wit
