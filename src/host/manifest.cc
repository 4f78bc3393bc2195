#include "host/manifest.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "support/diagnostics.h"
#include "support/files.h"
#include "support/names.h"
#include "support/semver.h"
#include "support/sha256.h"
#include "support/terminal_text.h"
#include "support/toml_table.h"
#include "support/try.h"
#include "types/interface_name.h"

namespace tenon::host {

namespace {

constexpr std::string_view kFile = "host.toml";

// "[A-Za-z_][A-Za-z0-9_]*"
bool is_variable_name(std::string_view name) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && std::ranges::all_of(name, is_part) && !(name[0] >= '0' && name[0] <= '9');
}

// "crc32", "[method]stream.read", "[resource-drop]stream"
bool is_function_name(std::string_view text) {
  if (text.starts_with(kDropPrefix)) return types::is_label(text.substr(kDropPrefix.size()));
  const auto name = types::parse_item_name(text);
  return name && (name->kind == types::NameKind::Label || name->is_resource_function());
}

// Reads "crc32" or "example:zlib/checksum.crc32". False if the text has another form.
bool read_function_name(const std::string& wit, CFunctionEntry& entry) {
  const std::size_t slash = wit.find('/');
  const std::size_t dot = slash == wit.npos ? wit.npos : wit.find('.', slash);
  if (dot == wit.npos) {
    entry.name = wit;
  } else {
    entry.interface = wit.substr(0, dot);
    entry.name = wit.substr(dot + 1);
    const auto interface = types::parse_item_name(entry.interface);
    if (!interface || interface->kind != types::NameKind::Interface || interface->version)
      return false;
  }
  return is_function_name(entry.name);
}

struct KindName {
  std::string_view text;
  ConfigKind kind;
};
constexpr std::array kKinds = {
    KindName{"string", ConfigKind::Text}, KindName{"path", ConfigKind::Path},
    KindName{"integer", ConfigKind::Integer}, KindName{"float", ConfigKind::Float},
    KindName{"boolean", ConfigKind::Flag}};

class ManifestReader final {
 public:
  ManifestReader(const std::string& file, std::string_view tenon_version)
      : tenon_version_(tenon_version) {
    made_.file = file;
    const std::size_t slash = file.find_last_of('/');
    if (slash != std::string::npos) made_.folder = file.substr(0, slash);
  }

  Result<Manifest> read(const TomlDocument& root) {
    TomlTable file(made_.file, root, problems_);
    if (!file.has_table("host")) file.complain_value("host", "is missing", "[host]");
    file.take_table("host", [this](TomlTable& table) { read_host(table); });
    file.take_named_tables(
        "config", [this](const std::string& name, TomlTable& table) { read_config(name, table); });
    file.take_rows("function", [this](TomlTable& table) { read_function(table); });
    file.finish();
    check_functions();
    if (!problems_.empty()) return std::move(problems_);
    std::ranges::sort(made_.config, {}, &ConfigKey::name);
    return std::move(made_);
  }

 private:
  void read_host(TomlTable& table) {
    made_.name = table.take_text("name", Presence::Required).value_or("");
    if (!made_.name.empty() && !is_unit_name(made_.name))
      table.complain_value("name",
                           fmt::format("is `{}`: {}", sanitize_text(made_.name), kUnitNameRule),
                           "name = \"my-host\"");
    made_.version = table.take_text("version").value_or("");
    if (!made_.version.empty() && !parse_version(made_.version))
      table.complain_value(
          "version",
          fmt::format("is not a version: {}", parse_version(made_.version).error().reason),
          "version = \"0.1.0\"");
    made_.wit = take_path(table, "wit", "wit");
    made_.world = table.take_text("world");
    read_abi(table);
    read_threading(table);
    read_tenon(table);
    made_.description = table.take_text("description").value_or("");
    made_.license = table.take_text("license").value_or("");
    read_library(table);
    read_env(table);
  }

  void read_env(TomlTable& table) {
    made_.env = table.take_text_map("env");
    for (const auto& [name, value] : made_.env)
      if (!is_variable_name(name) || value.find('\0') != std::string::npos)
        table.complain_value("env",
                             fmt::format("has the invalid variable `{}`", sanitize_text(name)),
                             "env = { SOME_HOME = \"${config.home}\" }");
  }

  std::string take_path(TomlTable& table, std::string_view key, std::string_view example) {
    const std::optional<std::string> path = table.take_text(key, Presence::Required);
    if (path && !stays_inside(*path))
      table.complain_value(
          key, fmt::format("must be a path within the bundle, found `{}`", sanitize_text(*path)),
          fmt::format("{} = \"{}\"", key, example));
    return path.value_or("");
  }

  void read_abi(TomlTable& table) {
    const std::string abi = table.take_text("abi").value_or("auto");
    if (abi == "tenon-1")
      made_.abi = BundleAbi::Table;
    else if (abi == "c")
      made_.abi = BundleAbi::PlainC;
    else if (abi != "auto")
      table.complain_value("abi", "must be \"auto\", \"tenon-1\" or \"c\"", "abi = \"auto\"");
  }

  void read_threading(TomlTable& table) {
    const std::optional<std::string> threading = table.take_text("threading");
    if (!threading) return;
    if (made_.abi == BundleAbi::Table)
      table.complain_value("threading",
                           "applies only to `abi = \"c\"`: a table states its own threading",
                           "abi = \"c\"");
    else if (*threading == "instance")
      made_.threading = Threading::Instance;
    else if (*threading == "any")
      made_.threading = Threading::Any;
    else if (*threading != "library")
      table.complain_value("threading", "must be \"library\", \"instance\" or \"any\"",
                           "threading = \"library\"");
  }

  void read_tenon(TomlTable& table) {
    const std::optional<std::string> wanted = table.take_text("tenon");
    if (!wanted) return;
    const Result<VersionRange, VersionError> range = parse_version_range(*wanted);
    if (!range) {
      table.complain_value("tenon", fmt::format("is not a version range: {}", range.error().reason),
                           "tenon = \">=0.1, <1\"");
      return;
    }
    const Result<Version, VersionError> own = parse_version(tenon_version_);
    if (own && !matches_range(*range, *own)) {
      table.complain_value("tenon",
                           fmt::format("requires `{}`, but this is tenon {}",
                                       sanitize_text(*wanted), tenon_version_),
                           fmt::format("tenon = \"{}\"", tenon_version_));
      problems_.back().hints = {
          fmt::format("use a version of the bundle for tenon {}, or widen the range if the bundle "
                      "works with it",
                      tenon_version_)};
    }
  }

  void read_library(TomlTable& table) {
    made_.library_where = table.where("lib");
    if (!table.has_table("lib")) {
      std::string path = take_path(table, "lib", "lib/libexample_host.so");
      made_.library = LibraryFile{.path = path, .place = place_of(path)};
      return;
    }
    table.take_named_tables("lib", [this](const std::string& platform, TomlTable& one) {
      LibraryFile library{.path = take_path(one, "path", "lib/libexample_host.so"),
                          .sha256 = take_digest(one),
                          .needed = take_needed_digests(one)};
      library.place = place_of(library.path);
      if (platform == platform_name()) made_.library = library;
      made_.platforms.emplace(platform, std::move(library));
    });
  }

  [[nodiscard]] LibraryPlace place_of(std::string_view path) const {
    return made_.abi == BundleAbi::PlainC && path.find('/') == path.npos ? LibraryPlace::System
                                                                         : LibraryPlace::Bundle;
  }

  void read_config(const std::string& name, TomlTable& table) {
    ConfigKey key;
    key.name = name;
    const std::string type = table.take_text("type").value_or("string");
    const auto found = std::ranges::find(kKinds, type, &KindName::text);
    if (found == kKinds.end())
      table.complain_value("type",
                           "must be \"string\", \"path\", \"integer\", \"float\" or \"boolean\"",
                           "type = \"string\"");
    else
      key.kind = found->kind;
    if (const std::optional<TomlScalar> given = table.take_scalar("default")) {
      if (found != kKinds.end() && !config_fits(key.kind, given->kind))
        table.complain_value("default", fmt::format("must have the type of the key, {}", type),
                             fmt::format("default = {}", example_of(key.kind)));
      key.default_value = given->text;
    }
    key.is_required = table.take_flag("required").value_or(false);
    key.help = table.take_text("help").value_or("");
    made_.config.push_back(std::move(key));
  }

  void read_function(TomlTable& table) {
    CFunctionEntry entry;
    entry.where = table.where();
    const std::optional<std::string> wit = table.take_text("wit", Presence::Required);
    if (wit && !read_function_name(*wit, entry))
      table.complain_value("wit", "must be an interface without version, a dot and a function",
                           "wit = \"example:zlib/checksum.crc32\"");
    entry.symbol = table.take_text("symbol", Presence::Required).value_or("");
    if (table.has("args")) {
      entry.args.emplace();
      for (auto& [text, where] : table.take_texts("args"))
        entry.args->push_back({std::move(text), where});
    }
    const auto take = [&](std::string_view key) -> std::optional<ManifestText> {
      std::optional<std::string> text = table.take_text(key);
      if (!text) return std::nullopt;
      return ManifestText{*std::move(text), table.where(key)};
    };
    entry.returns = take("returns");
    entry.free = take("free");
    entry.error = take("error");
    if (auto room = table.take_scalar("room")) entry.room = {std::move(room->text), room->where};
    made_.functions.push_back(std::move(entry));
  }

  // `[[function]]` describes C functions: it selects `abi = "c"`, and excludes "tenon-1".
  void check_functions() {
    if (made_.functions.empty()) return;
    if (made_.abi == BundleAbi::Auto) made_.abi = BundleAbi::PlainC;
    if (made_.abi != BundleAbi::Table) return;
    Diagnostic problem =
        make_diagnostic(Code::ConfigValue,
                        "`[[function]]` applies only to `abi = \"c\"`, but `abi` is \"tenon-1\"");
    problem.where = made_.functions.front().where;
    problem.hints.emplace_back(
        "write `abi = \"c\"`, or remove the `[[function]]` entries: a table lists its functions "
        "itself");
    problems_.push_back(std::move(problem));
  }

  Manifest made_;
  std::string_view tenon_version_;
  Diagnostics problems_;
};

}  // namespace

std::string_view platform_name() {
#if defined(__x86_64__)
  return "linux-x86_64";
#elif defined(__aarch64__)
  return "linux-aarch64";
#elif defined(__riscv) && __riscv_xlen == 64
  return "linux-riscv64";
#else
#error "unknown machine: add its name, as `uname -m` prints it"
#endif
}

bool config_fits(ConfigKind kind, TomlKind given) {
  switch (kind) {
    case ConfigKind::Text:
    case ConfigKind::Path:
      return given == TomlKind::Text;
    case ConfigKind::Integer:
      return given == TomlKind::Integer;
    case ConfigKind::Float:
      return given == TomlKind::Float || given == TomlKind::Integer;
    case ConfigKind::Flag:
      return given == TomlKind::Flag;
  }
  return false;
}

std::string_view kind_name(ConfigKind kind) {
  return std::ranges::find(kKinds, kind, &KindName::kind)->text;
}

std::string_view example_of(ConfigKind kind) {
  switch (kind) {
    case ConfigKind::Text:
      return "\"text\"";
    case ConfigKind::Path:
      return "\"folder/file\"";
    case ConfigKind::Integer:
      return "1";
    case ConfigKind::Float:
      return "0.5";
    case ConfigKind::Flag:
      return "true";
  }
  return "";
}

std::optional<std::string> take_digest(TomlTable& table) {
  std::optional<std::string> digest = table.take_text("sha256");
  if (!digest || is_digest(*digest)) return digest;
  table.complain_value("sha256", "must be 64 hexadecimal digits (0-9, a-f)",
                       "sha256 = \"3f49...\"");
  return std::nullopt;
}

std::map<std::string, std::string> take_needed_digests(TomlTable& table) {
  std::map<std::string, std::string> needed;
  for (auto& [library, digest] : table.take_text_map("needed")) {
    if (!is_digest(digest))
      table.complain_value("needed", "must contain digests of 64 hexadecimal digits (0-9, a-f)",
                           fmt::format("needed = {{ {} = \"3f49...\" }}", quote_toml(library)));
    needed.insert_or_assign(library, std::move(digest));
  }
  return needed;
}

Result<Manifest> parse_bundle_manifest(std::string_view text, const std::string& file,
                                       std::string_view tenon_version) {
  TENON_TRY(const TomlDocument root, parse_toml(text, file));
  return ManifestReader(file, tenon_version).read(root);
}

Result<Manifest> read_bundle_manifest(const Files& files, const std::string& folder,
                                      std::string_view tenon_version) {
  const std::string path = join_path(folder, kFile);
  TENON_TRY(const std::string text, read_text_file(files, path, NamedBy::File));
  return parse_bundle_manifest(text, path, tenon_version);
}

}  // namespace tenon::host
