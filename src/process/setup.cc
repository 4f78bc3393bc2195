#include "process/setup.h"

#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "support/files.h"
#include "tenon/inspect.h"

namespace tenon::process {

namespace {

using Json = nlohmann::json;

Json write_pins(const std::vector<host::Pin>& pins) {
  Json rows = Json::array();
  for (const host::Pin& pin : pins)
    rows.push_back({pin.sha256, pin.where.file, pin.where.line, pin.where.column});
  return rows;
}

std::vector<host::Pin> read_pins(const Json& rows) {
  std::vector<host::Pin> pins;
  for (const Json& row : rows) {
    host::Pin& pin = pins.emplace_back();
    pin.sha256 = row.at(0);
    pin.where.file = row.at(1);
    pin.where.line = row.at(2);
    pin.where.column = row.at(3);
  }
  return pins;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

template <class T>
std::optional<T> read_optional(const Json& value) {
  return value.is_null() ? std::nullopt : std::optional<T>(value.get<T>());
}

Json write_entry(const host::HostEntry& entry) {
  return {{"name", entry.name},
          {"file", entry.file},
          {"bundle", entry.bundle},
          {"wit", entry.wit},
          {"lib", entry.library},
          {"world", or_null(entry.world)},
          {"offers", entry.offers},
          {"features", entry.features.names},
          {"all-features", entry.features.all}};
}

host::HostEntry read_entry(const Json& json) {
  host::HostEntry entry;
  entry.name = json.at("name");
  entry.file = json.at("file");
  entry.bundle = json.at("bundle");
  entry.wit = json.at("wit");
  entry.library = json.at("lib");
  entry.world = read_optional<std::string>(json.at("world"));
  entry.offers = json.at("offers").get<host::WorldSide>();
  entry.features.names = json.at("features").get<std::vector<std::string>>();
  entry.features.all = json.at("all-features");
  return entry;
}

Json write_library(const host::LibraryRequest& library) {
  Json needed = Json::object();
  for (const auto& [name, pins] : library.needed_pins) needed[name] = write_pins(pins);
  return {{"path", library.path},          {"system", library.place == host::LibraryPlace::System},
          {"root", or_null(library.root)}, {"pins", write_pins(library.pins)},
          {"needed", std::move(needed)},   {"require-needed", library.require_needed_pins},
          {"trusted", library.trusted}};
}

host::LibraryRequest read_library(const Json& json) {
  host::LibraryRequest library;
  library.path = json.at("path");
  library.place =
      json.at("system").get<bool>() ? host::LibraryPlace::System : host::LibraryPlace::Bundle;
  library.root = read_optional<std::string>(json.at("root"));
  library.pins = read_pins(json.at("pins"));
  for (const auto& [name, pins] : json.at("needed").items())
    library.needed_pins.emplace(name, read_pins(pins));
  library.require_needed_pins = json.at("require-needed");
  library.trusted = json.at("trusted").get<std::vector<std::string>>();
  return library;
}

Json write_limits(const HostProcess& limits) {
  return {{"files", limits.files},
          {"network", limits.network},
          {"memory", or_null(limits.memory)},
          {"cpu-ms", limits.cpu ? Json(limits.cpu->count()) : Json()},
          {"descriptors", or_null(limits.descriptors)}};
}

HostProcess read_limits(const Json& json) {
  HostProcess limits;
  limits.files = json.at("files");
  limits.network = json.at("network");
  limits.memory = read_optional<std::uint64_t>(json.at("memory"));
  if (const auto cpu = read_optional<std::int64_t>(json.at("cpu-ms")))
    limits.cpu = std::chrono::milliseconds(*cpu);
  limits.descriptors = read_optional<std::uint64_t>(json.at("descriptors"));
  return limits;
}

}  // namespace

Setup make_setup(const std::string& unit, const host::Bundle& bundle) {
  const host::Manifest& manifest = bundle.manifest;
  Setup setup{.version = std::string(tenon::version()),
              .entry = {},
              .config = bundle.config,
              .library = bundle.library,
              .limits = bundle.process->settings};
  setup.entry.name = unit;
  setup.entry.file = manifest.file;
  if (!manifest.takes_any_config) {
    // A path, and not a name to search for.
    setup.entry.bundle = manifest.folder.find('/') == std::string::npos
                             ? join_path(".", manifest.folder)
                             : manifest.folder;
    return setup;
  }
  setup.entry.wit = manifest.wit;
  setup.entry.library = manifest.library->path;
  setup.entry.world = manifest.world;
  setup.entry.offers = manifest.offers;
  setup.entry.features = manifest.features;
  return setup;
}

std::vector<std::uint8_t> write_setup(const Setup& setup) {
  return Json::to_cbor({{"version", setup.version},
                        {"entry", write_entry(setup.entry)},
                        {"config", setup.config.values},
                        {"library", write_library(setup.library)},
                        {"limits", write_limits(setup.limits)}});
}

Result<Setup, std::string> read_setup(std::span<const std::uint8_t> bytes) {
  try {
    const Json json = Json::from_cbor(bytes);
    Setup setup;
    setup.version = json.at("version");
    setup.entry = read_entry(json.at("entry"));
    for (const auto& [key, value] : json.at("config").items())
      setup.config.values.emplace(key, value.get<std::string>());
    setup.library = read_library(json.at("library"));
    setup.library.host = setup.entry.name;
    setup.limits = read_limits(json.at("limits"));
    return setup;
  } catch (const std::exception& failed) {
    return std::string(failed.what());
  }
}

}  // namespace tenon::process
