#include "host/manifest.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "engine/sha256.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/names.h"
#include "support/semver.h"
#include "support/terminal_text.h"
#include "support/toml_table.h"
#include "support/try.h"
#include "types/interface_name.h"
#include "wit/settings.h"

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

// Whether the C library loads code or data that a variable names. No pin and no owner would be checked.
bool is_loader_variable(std::string_view name) {
  return name.starts_with("LD_") || name == "GLIBC_TUNABLES" || name == "GCONV_PATH" ||
         name == "LOCPATH";
}

// "crc32", "[method]stream.read", "[resource-drop]stream"
bool is_function_name(std::string_view text) {
  if (text.starts_with(kDropPrefix)) return types::is_label(text.substr(kDropPrefix.size()));
  const auto name = types::parse_item_name(text);
  return name && (name->kind == types::NameKind::Label || name->is_resource_function());
}

// Reads "crc32" or "example:zlib/checksum.crc32". False if the text has another form.
bool read_function_name(const std::string& written, CFunctionEntry& entry) {
  const std::string wit = types::strip_escapes(written);
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

// Whether a TOML value of kind `value` can be the value of a key.
bool config_fits(ConfigKind kind, TomlKind value) {
  switch (kind) {
    case ConfigKind::Text:
    case ConfigKind::Path:
      return value == TomlKind::Text;
    case ConfigKind::Integer:
      return value == TomlKind::Integer;
    case ConfigKind::Float:
      return value == TomlKind::Float || value == TomlKind::Integer;
    case ConfigKind::Flag:
      return value == TomlKind::Flag;
  }
  return false;
}

class ManifestReader final {
 public:
  ManifestReader(const std::string& file, std::string_view tenon_version)
      : tenon_version_(tenon_version) {
    manifest_.file = file;
    const std::size_t slash = file.find_last_of('/');
    if (slash != std::string::npos) manifest_.folder = file.substr(0, slash);
  }

  Result<Manifest> read(const TomlDocument& root) {
    TomlTable file(manifest_.file, root, problems_);
    if (!file.has_table("host")) file.complain_value("host", "is missing", "[host]");
    file.take_table("host", [this](TomlTable& table) { read_host(table); });
    file.take_named_tables(
        "config", [this](const std::string& name, TomlTable& table) { read_config(name, table); });
    file.take_rows("function", [this](TomlTable& table) { read_function(table); });
    file.finish();
    check_functions();
    if (!problems_.empty()) return std::move(problems_);
    std::ranges::sort(manifest_.config, {}, &ConfigKey::name);
    return std::move(manifest_);
  }

 private:
  void read_host(TomlTable& table) {
    manifest_.name = table.take_text("name", Presence::Required).value_or("");
    if (!manifest_.name.empty() && !is_unit_name(manifest_.name))
      table.complain_value("name",
                           fmt::format("is `{}`: {}", sanitize_text(manifest_.name), kUnitNameRule),
                           "name = \"my-host\"");
    manifest_.version = table.take_text("version").value_or("");
    if (!manifest_.version.empty() && !parse_version(manifest_.version))
      table.complain_value(
          "version",
          fmt::format("is not a version: {}", parse_version(manifest_.version).error().reason),
          "version = \"0.1.0\"");
    manifest_.wit = take_path(table, "wit", "wit");
    manifest_.world = table.take_text("world");
    manifest_.features = wit::take_features(table);
    manifest_.offers = take_offers(table);
    read_abi(table);
    read_threading(table);
    read_tenon(table);
    manifest_.description = table.take_text("description").value_or("");
    manifest_.license = table.take_text("license").value_or("");
    read_library(table);
    read_env(table);
  }

  void read_env(TomlTable& table) {
    manifest_.env = table.take_text_map("env");
    for (const auto& [name, value] : manifest_.env) {
      constexpr const char* kExample = "env = { SOME_HOME = \"${config.home}\" }";
      if (!is_variable_name(name) || value.find('\0') != std::string::npos)
        table.complain_value(
            "env", fmt::format("has the invalid variable `{}`", sanitize_text(name)), kExample);
      else if (is_loader_variable(name))
        table.complain_value("env",
                             fmt::format("sets `{}`, by which the C library would load files that "
                                         "nobody has checked",
                                         name),
                             kExample);
    }
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
      manifest_.abi = BundleAbi::Table;
    else if (abi == "c")
      manifest_.abi = BundleAbi::PlainC;
    else if (abi != "auto")
      table.complain_value("abi", "must be \"auto\", \"tenon-1\" or \"c\"", "abi = \"auto\"");
  }

  void read_threading(TomlTable& table) {
    const std::optional<std::string> threading = table.take_text("threading");
    if (!threading) return;
    if (manifest_.abi == BundleAbi::Table)
      table.complain_value("threading",
                           "applies only to `abi = \"c\"`: a table states its own threading",
                           "abi = \"c\"");
    else if (*threading == "instance")
      manifest_.threading = Threading::Instance;
    else if (*threading == "any")
      manifest_.threading = Threading::Any;
    else if (*threading != "library")
      table.complain_value("threading", "must be \"library\", \"instance\" or \"any\"",
                           "threading = \"library\"");
  }

  void read_tenon(TomlTable& table) {
    const std::optional<std::string> required = table.take_text("tenon");
    if (!required) return;
    const Result<VersionRange, VersionError> range = parse_version_range(*required);
    if (!range) {
      table.complain_value("tenon", fmt::format("is not a version range: {}", range.error().reason),
                           "tenon = \">=0.1, <1\"");
      return;
    }
    const Result<Version, VersionError> own = parse_version(tenon_version_);
    if (own && !matches_range(*range, *own)) {
      table.complain_value("tenon",
                           fmt::format("requires `{}`, but this is tenon {}",
                                       sanitize_text(*required), tenon_version_),
                           fmt::format("tenon = \"{}\"", tenon_version_));
      problems_.back().hints = {
          fmt::format("use a version of the bundle for tenon {}, or widen the range if the bundle "
                      "works with it",
                      tenon_version_)};
    }
  }

  void read_library(TomlTable& table) {
    manifest_.library_where = table.where("lib");
    if (!table.has_table("lib")) {
      std::string path = take_path(table, "lib", "lib/libexample_host.so");
      manifest_.library = LibraryFile{.path = path, .place = place_of(path)};
      return;
    }
    table.take_named_tables("lib", [this](const std::string& platform, TomlTable& entry) {
      LibraryFile library{.path = take_path(entry, "path", "lib/libexample_host.so"),
                          .sha256 = take_digest(entry),
                          .needed = take_needed_digests(entry)};
      library.place = place_of(library.path);
      if (platform == platform_name()) manifest_.library = library;
      manifest_.platforms.emplace(platform, std::move(library));
    });
  }

  [[nodiscard]] LibraryPlace place_of(std::string_view path) const {
    return manifest_.abi == BundleAbi::PlainC && path.find('/') == path.npos ? LibraryPlace::System
                                                                             : LibraryPlace::Bundle;
  }

  void read_config(const std::string& name, TomlTable& table) {
    ConfigKey key;
    key.name = name;
    const std::string type = table.take_text("type").value_or("string");
    const auto known = std::ranges::find(kKinds, type, &KindName::text);
    if (known == kKinds.end())
      table.complain_value("type",
                           "must be \"string\", \"path\", \"integer\", \"float\" or \"boolean\"",
                           "type = \"string\"");
    else
      key.kind = known->kind;
    if (const std::optional<TomlScalar> value = table.take_scalar("default")) {
      if (known != kKinds.end() && !config_fits(key.kind, value->kind))
        table.complain_value("default", fmt::format("must have the type of the key, {}", type),
                             fmt::format("default = {}", example_of(key.kind)));
      key.default_value = value->text;
    }
    key.is_required = table.take_flag("required").value_or(false);
    key.help = table.take_text("help").value_or("");
    manifest_.config.push_back(std::move(key));
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
    manifest_.functions.push_back(std::move(entry));
  }

  // `[[function]]` describes C functions: it selects `abi = "c"`, and excludes "tenon-1".
  void check_functions() {
    if (manifest_.functions.empty()) return;
    if (manifest_.abi == BundleAbi::Auto) manifest_.abi = BundleAbi::PlainC;
    if (manifest_.abi != BundleAbi::Table) return;
    Diagnostic problem =
        make_diagnostic(Code::ConfigValue,
                        "`[[function]]` applies only to `abi = \"c\"`, but `abi` is \"tenon-1\"");
    problem.where = manifest_.functions.front().where;
    problem.hints.emplace_back(
        "write `abi = \"c\"`, or remove the `[[function]]` entries: a table lists its functions "
        "itself");
    problems_.push_back(std::move(problem));
  }

  Manifest manifest_;
  std::string_view tenon_version_;
  Diagnostics problems_;
};

// --- Search

bool is_bundle(const Files& files, const std::string& folder) {
  return files.find_kind(join_path(folder, kFile)) == FileKind::File;
}

std::string near_bundle(std::string_view bundle, const std::vector<std::string>& bundles) {
  std::vector<std::string> names;
  for (const std::string& path : bundles) names.push_back(path.substr(path.rfind('/') + 1));
  const auto near = near_misses(bundle, std::span<const std::string>(names));
  if (near.empty()) return {};
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == near.front())
      return fmt::format("found `{}` in {}; did you mean that?", names[i],
                         bundles[i].substr(0, bundles[i].rfind('/')));
  return {};
}

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

WorldSide take_offers(TomlTable& table) {
  const std::optional<std::string> offers = table.take_text("offers");
  if (!offers) return WorldSide::Auto;
  if (*offers == "imports") return WorldSide::Imports;
  if (*offers != "exports")
    table.complain_value("offers", "must be \"exports\" or \"imports\"", "offers = \"imports\"");
  return WorldSide::Exports;
}

std::optional<std::string> take_digest(TomlTable& table) {
  std::optional<std::string> digest = table.take_text("sha256");
  if (!digest || engine::is_digest(*digest)) return digest;
  table.complain_value("sha256", "must be 64 hexadecimal digits (0-9, a-f)",
                       "sha256 = \"3f49...\"");
  return std::nullopt;
}

std::map<std::string, std::string> take_needed_digests(TomlTable& table) {
  std::map<std::string, std::string> needed;
  for (auto& [library, digest] : table.take_text_map("needed")) {
    if (!engine::is_digest(digest))
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

std::vector<std::string> list_bundles(const Files& files, const std::string& folder) {
  std::vector<std::string> bundles;
  const Result<std::vector<std::string>> names = files.list(folder);
  if (!names) return bundles;
  for (const std::string& name : *names)
    if (std::string path = join_path(folder, name); is_bundle(files, path))
      bundles.push_back(std::move(path));
  return bundles;
}

Result<std::string> find_bundle(const Files& files, const std::string& bundle,
                                std::span<const std::string> folders) {
  if (bundle.find('/') != std::string::npos || bundle == "." || bundle == "..") return bundle;
  for (const std::string& folder : folders)
    if (std::string path = join_path(folder, bundle); is_bundle(files, path)) return path;
  Diagnostic problem =
      make_diagnostic(Code::HostBundleNotFound, "there is no bundle `{}`", sanitize_text(bundle));
  if (folders.empty()) problem.notes.push_back({"no search folders are configured", {}, {}});
  for (const std::string& folder : folders)
    problem.notes.push_back({fmt::format("looked in {}", folder), {}, {}});
  std::vector<std::string> bundles;
  for (const std::string& folder : folders)
    std::ranges::move(list_bundles(files, folder), std::back_inserter(bundles));
  if (is_bundle(files, bundle))
    problem.hints.push_back(
        fmt::format("to use the bundle in the working folder, write `./{}`", bundle));
  else if (const std::string near = near_bundle(bundle, bundles); !near.empty())
    problem.hints.push_back(near);
  else
    problem.hints.emplace_back(
        "give the path of its folder, such as `./bundles/sqlite`, or copy it to one of these "
        "folders");
  return problem;
}

}  // namespace tenon::host
