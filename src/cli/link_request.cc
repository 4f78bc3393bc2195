#include "cli/link_request.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/command_line.h"
#include "cli/environment.h"
#include "cli/input_output.h"
#include "support/terminal_text.h"
#include "tenon/trust.h"

namespace tenon::cli {

namespace {

struct Halves {
  std::string before;
  std::string after;
};

// The text before and after the first `mark`; nothing if there is no mark or a half is empty.
std::optional<Halves> split_once(std::string_view text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return std::nullopt;
  return Halves{std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

// A flag, the form of its value, and an example of that form.
struct FlagForm {
  std::string_view flag;
  std::string_view form;
  std::string_view example;
};

constexpr FlagForm kWire = {"--wire", "[CONSUMER:]IMPORT=PROVIDER[:EXPORT]",
                            "app:acme:tax/lib=tax"};
constexpr FlagForm kVia = {"--via", "[CONSUMER:]IMPORT=A,B", "acme:tax/lib=audit,cache"};
constexpr FlagForm kOptional = {"--optional", "[CONSUMER:]IMPORT", "acme:log/sink"};
constexpr FlagForm kHide = {"--hide", "UNIT:ITEM", "tax:acme:tax/lib"};
constexpr FlagForm kExpose = {"--expose", "UNIT:ITEM", "tax:acme:tax/lib.rate"};
constexpr FlagForm kIsolate = {"--isolate", "[=UNIT,..]", "tax,log"};
constexpr FlagForm kPackage = {"--dep", "PACKAGE=FILE", "demo:tax=tax.wasm"};
constexpr FlagForm kExport = {"--export", "UNIT:ITEM[=NAME]", "tax:acme:tax/lib=taxes"};

constexpr FlagForm kConnect = {"--connect", "IFACE=URL", "acme:tax/lib=tcp://[::1]:7761"};
constexpr FlagForm kRoot = {"--root", "UNIT", "app"};
constexpr FlagForm kBundle = {"--host-bundle", "[NAME=]DIR", "bundles/sqlite"};
constexpr FlagForm kConfig = {"--config", "UNIT.KEY=VALUE", "cart.greeting=hello"};
constexpr FlagForm kHostSet = {"--host-set", "NAME.KEY=VALUE", "sqlite.database=app.db"};

Diagnostic make_form_problem(const FlagForm& form, std::string_view text) {
  return make_usage_problem(fmt::format("`{} {}` does not have the form `{}`", form.flag,
                                        text.empty() ? "''" : sanitize_text(text), form.form),
                            {fmt::format("for example `{} {}`", form.flag, form.example)});
}

// Whether `[CONSUMER:]IMPORT` has a consumer. An interface name itself has one colon before its
// slash (`ns:pkg/iface`).
bool has_consumer(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view head = text.substr(0, slash);
  return std::count(head.begin(), head.end(), ':') >= (slash == std::string_view::npos ? 1 : 2);
}

// Sets the consumer and import of `wire`. False if one of them is empty.
bool read_import(std::string_view text, Wire& wire) {
  if (!has_consumer(text)) {
    wire.import = text;
    return !text.empty();
  }
  const std::optional<Halves> halves = split_once(text, ':');
  if (!halves) return false;
  wire.consumer = halves->before;
  wire.import = halves->after;
  return true;
}

// The location of a flag. Messages quote the flag as the user wrote it.
Location locate(const FlagForm& form, std::string_view text) {
  Location where;
  where.item = fmt::format("{} {}", form.flag, text);
  return where;
}

// Passes each UNIT:ITEM to `add`. Other texts become problems.
template <class Add>
void read_items(const FlagForm& form, const std::vector<std::string>& texts, Diagnostics& problems,
                Add add) {
  for (const std::string& text : texts) {
    const std::optional<Halves> halves = split_once(text, ':');
    if (halves)
      add(halves->before, halves->after, locate(form, text));
    else
      problems.push_back(make_form_problem(form, text));
  }
}

void read_exports(const std::vector<std::string>& texts, Diagnostics& problems,
                  CompositionBuilder& builder) {
  for (const std::string& text : texts) {
    const std::optional<Halves> halves = split_once(text, ':');
    const bool renames = halves && halves->after.find('=') != std::string::npos;
    const std::optional<Halves> item = renames ? split_once(halves->after, '=') : std::nullopt;
    if (!halves || (renames && !item))
      problems.push_back(make_form_problem(kExport, text));
    else if (renames)
      builder.export_item(halves->before, item->before, item->after, locate(kExport, text));
    else
      builder.export_item(halves->before, halves->after, {}, locate(kExport, text));
  }
}

void read_isolated(const std::vector<std::string>& texts, Diagnostics& problems,
                   CompositionBuilder& builder) {
  for (const std::string& text : texts) {
    if (text == "*") {
      builder.isolate_all();
      continue;
    }
    std::string_view rest = text;
    while (true) {
      const std::size_t comma = rest.find(',');
      const std::string_view unit = rest.substr(0, comma);
      if (unit.empty()) {
        problems.push_back(make_usage_problem(
            fmt::format("`--isolate={}` does not have the form `--isolate[=UNIT,..]`",
                        sanitize_text(text)),
            {fmt::format("for example `--isolate={}`, or `--isolate` for every unit",
                         kIsolate.example)}));
        break;
      }
      Location where;
      where.item = fmt::format("--isolate={}", text);
      builder.isolate(unit, std::move(where));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
}

void read_wires(const std::vector<std::string>& texts, Result<Wire> (*parse)(std::string_view),
                Diagnostics& problems, CompositionBuilder& builder) {
  for (const std::string& text : texts) {
    Result<Wire> wire = parse(text);
    if (wire)
      builder.wire(*std::move(wire));
    else
      problems.insert(problems.end(), wire.error().begin(), wire.error().end());
  }
}

// NAME.KEY=VALUE
void read_values(const std::vector<std::string>& texts, const FlagForm& form, Diagnostics& problems,
                 const std::function<void(const Halves& name, std::string_view value)>& set) {
  for (const std::string& text : texts) {
    const std::size_t mark = text.find('=');
    const std::optional<Halves> name = split_once(text.substr(0, mark), '.');
    if (mark == std::string::npos || !name)
      problems.push_back(make_form_problem(form, text));
    else
      set(*name, std::string_view(text).substr(mark + 1));
  }
}

void read_hosts(const LinkFlags& flags, Diagnostics& problems, CompositionBuilder& builder) {
  const HostSearch search = make_host_search(flags.hosts);
  const auto append = [&](const Result<void>& result) {
    if (!result) problems.insert(problems.end(), result.error().begin(), result.error().end());
  };
  if (!flags.hosts.no_config)
    for (const std::string& file : find_host_configs()) append(check_owner(file));
  for (const std::string& file : search.configs) append(builder.read_hosts(file, search.variables));
  builder.set_host_folders(search.folders);
  for (const std::string& path : search.trusted) builder.trust_path(path);
  if (flags.require_pins) builder.require_pins();
  builder.set_process_program("/proc/self/exe");
  if (flags.no_native || search.forbid_native) builder.forbid_native();
  for (const std::string& text : flags.bundles) {
    const std::optional<Halves> halves = split_once(text, '=');
    // A path can contain `=`, too.
    if (halves && halves->before.find('/') == std::string::npos)
      builder.add_host_bundle(halves->before, halves->after);
    else if (!text.empty() && !text.starts_with('=') && !text.ends_with('='))
      builder.add_host_bundle("", text);
    else
      problems.push_back(make_form_problem(kBundle, text));
  }
  read_values(flags.host_sets, kHostSet, problems, [&](const Halves& name, std::string_view value) {
    builder.set_host_config(name.before, name.after, value);
  });
}

// "acme-tax-lib" for "acme:tax/lib".
std::string remote_name(std::string_view interface) {
  std::string name;
  for (const char c : interface) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "remote" : name;
}

// "acme:tax/*" for the package "acme:tax". Other names are unchanged.
std::string all_of_package(const std::string& name) {
  if (name.find_first_of("/*") != name.npos || name.find(':') == name.npos) return name;
  const std::size_t version = std::min(name.find('@'), name.size());
  return name.substr(0, version) + "/*" + name.substr(version);
}

// A unit for each address, named after the first interface that it provides: interfaces of one peer can
// share resources.
void read_remotes(const LinkFlags& flags, Diagnostics& problems, CompositionBuilder& builder) {
  std::vector<std::pair<std::string, RemoteOptions>> remotes;
  for (const std::string& text : flags.remotes) {
    const std::optional<Halves> halves = split_once(text, '=');
    if (!halves) {
      problems.push_back(make_form_problem(kConnect, text));
      continue;
    }
    auto remote = std::ranges::find(remotes, halves->after, &decltype(remotes)::value_type::first);
    if (remote == remotes.end())
      remote = remotes.insert(remote, {halves->after,
                                       {.tls = flags.tls,
                                        .credentials = flags.credentials,
                                        .must_be_used = true,
                                        .where = locate(kConnect, text)}});
    remote->second.interfaces.push_back(all_of_package(halves->before));
  }
  for (const auto& [url, options] : remotes)
    builder.add_remote(remote_name(options.interfaces.front()), url, options);
}

}  // namespace

static void add_list(CommandLine& line, const FlagForm& form, std::vector<std::string>& values,
                     const std::string& help) {
  line.add_option(std::string(form.flag), values, help)
      .type_name(std::string(form.form))
      .one_value_each()
      .group("Link flags");
}

static void add_item_flags(CommandLine& line, LinkFlags& flags) {
  add_list(line, kWire, flags.wires, "Choose the unit that provides an import");
  add_list(line, kVia, flags.vias, "Insert units between a consumer and its provider");
  add_list(line, kOptional, flags.optional, "Trap in calls of an import that no unit provides");
  add_list(line, kHide, flags.hides, "Hide an export from all consumers");
  add_list(line, kExpose, flags.exposes, "Hide the exports of a unit, except this one");
  add_list(line, kExport, flags.exports, "Export an item of a unit from the composition");
}

void add_root_flag(CommandLine& line, LinkFlags& flags) {
  line.add_option(std::string(kRoot.flag), flags.root,
                  "Unit whose exports become those of the composition")
      .type_name(std::string(kRoot.form))
      .group("Link flags");
}

static void add_isolate_flag(CommandLine& line, LinkFlags& flags) {
  line.add_flag("--isolate{*}", flags.isolated, "Run every unit, or only these, in its own domain")
      .type_name(std::string(kIsolate.form))
      .group("Link flags");
}

void add_choice_flags(CommandLine& line, LinkFlags& flags) {
  add_item_flags(line, flags);
  add_isolate_flag(line, flags);
}

void add_component_flags(CommandLine& line, LinkRequest& request) {
  line.add_option("components", request.components,
                  "Files, NAME=FILE, folders or globs (default: the nearest tenon.toml)")
      .type_name("COMPONENT");
  add_helper_flag(line, request);
}

void add_helper_flag(CommandLine& line, LinkRequest& request) {
  line.add_option("--with", request.helpers, "Add a component that the target needs")
      .type_name("COMPONENT")
      .one_value_each();
}

void add_link_flags(CommandLine& line, LinkFlags& flags) {
  add_item_flags(line, flags);
  add_list(line, kPackage, flags.packages, "Name the file of a package of a .wac file");
  line.add_option("--deps-dir", flags.package_folder, "Folder with the packages of a .wac file")
      .type_name("DIR")
      .group("Link flags");
  add_feature_flags(line, flags.features, "Link flags");
  add_list(line, kConfig, flags.configs, "Set a value that a unit reads as its configuration");
  add_list(line, kConnect, flags.remotes, "Use a remote unit, which other processes serve");
  const auto add_file = [&line](const std::string& flag, std::string& value,
                                const std::string& help) {
    line.add_option(flag, value, help).type_name("FILE").group("Link flags");
  };
  add_file("--tls-ca", flags.tls.ca, "CA certificates to trust for TLS addresses");
  add_file("--tls-cert", flags.tls.certificate, "Certificate of this process for TLS addresses");
  add_file("--tls-key", flags.tls.key, "Key of the certificate");
  add_file("--credentials", flags.credentials, "Credentials for a NATS server");
  add_list(line, kBundle, flags.bundles, "Link native code, which runs outside of the sandbox");
  add_list(line, kHostSet, flags.host_sets, "Set a configuration key of a host bundle");
  add_host_flags(line, flags.hosts, "Link flags");
  line.add_flag("--locked", flags.locked, "Fail if the plan differs from tenon.lock")
      .group("Link flags");
  line.add_flag("--no-native", flags.no_native, "Refuse native code").group("Link flags");
  line.add_flag("--require-pins", flags.require_pins, "Refuse native code without a pinned digest")
      .group("Link flags");
  line.add_flag("--export-all", flags.export_all, "Export every item that no unit consumes")
      .group("Link flags");
  add_root_flag(line, flags);
  line.add_flag("--allow-unresolved", flags.allow_unresolved,
                "Leave imports without a provider open")
      .group("Link flags");
  add_isolate_flag(line, flags);
}

Result<Wire> parse_wire(std::string_view text) {
  const std::optional<Halves> sides = split_once(text, '=');
  Wire wire;
  if (!sides || !read_import(sides->before, wire)) return make_form_problem(kWire, text);
  wire.provider = sides->after;
  if (sides->after.find(':') != std::string::npos) {
    const std::optional<Halves> halves = split_once(sides->after, ':');
    if (!halves) return make_form_problem(kWire, text);
    wire.provider = halves->before;
    wire.export_name = halves->after;
  }
  wire.where = locate(kWire, text);
  return wire;
}

Result<Wire> parse_via(std::string_view text) {
  const std::optional<Halves> sides = split_once(text, '=');
  Wire wire;
  if (!sides || !read_import(sides->before, wire)) return make_form_problem(kVia, text);
  std::string_view rest = sides->after;
  while (true) {
    const std::size_t comma = rest.find(',');
    wire.via.emplace_back(rest.substr(0, comma));
    if (wire.via.back().empty()) return make_form_problem(kVia, text);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  wire.where = locate(kVia, text);
  return wire;
}

Result<Wire> parse_optional(std::string_view text) {
  Wire wire;
  if (!read_import(text, wire)) return make_form_problem(kOptional, text);
  wire.optional = true;
  wire.where = locate(kOptional, text);
  return wire;
}

Result<void> apply_link_flags(const LinkFlags& flags, CompositionBuilder& builder) {
  Diagnostics problems;
  read_wires(flags.wires, parse_wire, problems, builder);
  read_wires(flags.vias, parse_via, problems, builder);
  read_wires(flags.optional, parse_optional, problems, builder);
  read_items(kHide, flags.hides, problems,
             [&](const std::string& unit, const std::string& item, Location where) {
               builder.hide(unit, item, std::move(where));
             });
  read_items(kExpose, flags.exposes, problems,
             [&](const std::string& unit, const std::string& item, Location where) {
               builder.expose(unit, item, std::move(where));
             });
  read_exports(flags.exports, problems, builder);
  read_isolated(flags.isolated, problems, builder);
  read_hosts(flags, problems, builder);
  read_values(flags.configs, kConfig, problems, [&](const Halves& name, std::string_view value) {
    builder.set_config(name.before, name.after, value);
  });
  read_remotes(flags, problems, builder);
  if (flags.export_all) builder.export_all();
  if (!flags.root.empty()) builder.set_root(flags.root, locate(kRoot, flags.root));
  if (flags.allow_unresolved) builder.allow_unresolved();
  if (!problems.empty()) return problems;
  return {};
}

void add_host_flags(CommandLine& line, HostFlags& flags, const std::string& group) {
  const auto add_list = [&](const std::string& flag, std::vector<std::string>& values,
                            const std::string& type, const std::string& help) {
    line.add_option(flag, values, help).type_name(type).one_value_each().group(group);
  };
  add_list("--host-config", flags.configs, "FILE",
           "Read names, configuration and pins of bundles from FILE");
  line.add_flag("--no-host-config", flags.no_config,
                "Ignore every hosts.toml except those of --host-config")
      .group(group);
  add_list("--trust-path", flags.trusted, "PATH",
           "Load native code from PATH even if others can modify it");
}

HostSearch make_host_search(const HostFlags& flags) {
  HostSearch search;
  if (!flags.no_config) search.configs = find_host_configs();
  search.configs.insert(search.configs.end(), flags.configs.begin(), flags.configs.end());
  search.variables = read_variables();
  search.folders = find_host_folders();
  // The user who starts a privileged command must not decide which native code it loads.
  if (!has_raised_privileges()) search.trusted = flags.trusted;
  search.forbid_native = forbids_native();
  return search;
}

namespace fs = std::filesystem;

std::optional<std::string> find_host_bundle(const std::string& argument) {
  std::error_code failed;
  const fs::path folder = argument;
  if (!fs::is_regular_file(folder / "host.toml", failed) ||
      fs::exists(folder / "tenon.toml", failed))
    return std::nullopt;
  // A text without a `/` would be the name of a bundle.
  return argument.find('/') == std::string::npos ? "./" + argument : argument;
}

namespace {

// The path of the manifest in a folder; empty if there is none, or `folder` is not a folder.
std::string find_manifest_in(const std::string& folder) {
  std::error_code failed;
  const fs::path manifest = fs::path(folder) / "tenon.toml";
  return fs::is_regular_file(manifest, failed) ? manifest.string() : std::string();
}

// The hint for a component that is probably meant as the value of a bare `--isolate` before it.
std::optional<std::string> find_isolate_value(const LinkRequest& request) {
  if (std::ranges::find(request.flags.isolated, "*") == request.flags.isolated.end())
    return std::nullopt;
  for (const std::string& argument : request.components) {
    std::error_code failed;
    if (fs::exists(argument, failed) || argument.find_first_of("=*.") != argument.npos) continue;
    return fmt::format("a value of `--isolate` follows `=` without a space: `--isolate={}`",
                       sanitize_text(argument));
  }
  return std::nullopt;
}

Result<std::string> choose_manifest(const LinkRequest& request) {
  if (request.components.empty()) {
    if (has_raised_privileges())
      return make_usage_problem(
          "a command with raised privileges does not search for a `tenon.toml`",
          {"name the component, or the folder of the manifest"});
    std::string manifest = find_manifest();
    if (manifest.empty())
      return make_usage_problem("no component given, and no `tenon.toml` in this folder or above",
                                {"name components: files, `NAME=FILE`, folders or globs"});
    // A manifest above the working folder can belong to another user.
    if (Result<void> owned = check_owner(manifest); !owned) {
      const fs::path folder = fs::path(manifest).parent_path();
      owned.error().front().hints.push_back(
          fmt::format("to use it anyway, name its folder: `{}`",
                      sanitize_text(folder.empty() ? "." : folder.string())));
      return std::move(owned).error();
    }
    if (!request.helpers.empty())
      return make_usage_problem("`--with` needs a component to add to",
                                {"name the component, or the folder of the manifest"});
    return manifest;
  }
  if (request.components.size() == 1) return find_manifest_in(request.components.front());
  for (const std::string& argument : request.components) {
    const std::string manifest = find_manifest_in(argument);
    if (!manifest.empty())
      return make_usage_problem(
          fmt::format(
              "`{}` contains a `tenon.toml`, which cannot be combined with other components",
              sanitize_text(argument)),
          {find_isolate_value(request).value_or("link it alone, or name its component files")});
  }
  return std::string();
}

bool is_wac(std::string_view argument) { return argument.ends_with(".wac"); }

Result<void> read_wac(const LinkRequest& request, CompositionBuilder& builder) {
  if (request.components.size() > 1)
    return make_usage_problem(
        "a `.wac` file cannot be combined with other components",
        {"name it alone; `--dep PACKAGE=FILE` names the files of its packages"});
  WacOptions options;
  options.folder = request.flags.package_folder;
  options.features = request.flags.features;
  finish_feature_flags(options.features);
  for (const std::string& text : request.flags.packages) {
    std::optional<Halves> halves = split_once(text, '=');
    if (!halves) return make_form_problem(kPackage, text);
    options.packages.emplace_back(std::move(halves->before), std::move(halves->after));
  }
  return builder.read_wac(request.components.front(), options);
}

std::optional<std::string> find_only_bundle(const LinkRequest& request) {
  if (request.components.size() != 1) return std::nullopt;
  return find_host_bundle(request.components.front());
}

void append(Diagnostics& problems, const Result<std::vector<std::string>>& result) {
  if (!result) problems.insert(problems.end(), result.error().begin(), result.error().end());
}

Result<void> require_lock(const std::string& file, CompositionBuilder& builder) {
  Result<void> read = builder.require_lock(file);
  std::error_code failed;
  if (!read && !fs::exists(file, failed)) {
    Diagnostic& problem = read.error().front();
    problem.message =
        fmt::format("`--locked` needs `{}`, which does not exist", sanitize_text(file));
    problem.hints = {"create it: `tenon plan --lock` with the same arguments"};
  }
  return read;
}

}  // namespace

Result<std::string> find_lock(const LinkRequest& request) {
  const Result<std::string> manifest = choose_manifest(request);
  if (!manifest) return manifest.error();
  return (fs::path(*manifest).parent_path() / "tenon.lock").string();
}

Result<std::string> find_request_manifest(const LinkRequest& request) {
  Result<std::string> manifest = choose_manifest(request);
  if (manifest && manifest->empty())
    return make_usage_problem("`--save` needs a `tenon.toml` to write to",
                              {"`tenon init` writes one, with the same components and flags"});
  return manifest;
}

Result<CompositionBuilder> make_builder(const LinkRequest& request) {
  CompositionBuilder builder;
  Diagnostics problems;
  Result<std::string> manifest = choose_manifest(request);
  if (!manifest) return std::move(manifest).error();
  if (std::ranges::any_of(request.components, is_wac)) {
    Result<void> read = read_wac(request, builder);
    if (!read) problems = std::move(read).error();
  } else if (!request.flags.packages.empty() || !request.flags.package_folder.empty()) {
    return make_usage_problem("`--dep` and `--deps-dir` are for the packages of a `.wac` file",
                              {"name the `.wac` file, or name components: `NAME=FILE`"});
  } else if (request.flags.features.all || !request.flags.features.names.empty()) {
    return make_usage_problem("`--features` and `--all-features` are for the WIT of a `.wac` file",
                              {"name the `.wac` file; the WIT of a host or a remote has the key "
                               "`features` in its entry"});
  } else if (!manifest->empty()) {
    Result<void> read = builder.read_manifest(*manifest);
    if (!read) problems = std::move(read).error();
  } else if (const std::optional<std::string> bundle = find_only_bundle(request)) {
    builder.inherit_stdio();
    Result<void> read = builder.export_host_bundle("", *bundle);
    if (!read) problems = std::move(read).error();
  } else {
    builder.inherit_stdio();
    const bool first_is_root =
        request.components.size() == 1 &&
        (request.first_is_root == LinkRequest::FirstIsRoot::Yes || !request.helpers.empty());
    for (const std::string& argument : request.components) {
      const Result<std::vector<std::string>> names =
          builder.add_argument(path_of_component(argument));
      append(problems, names);
      if (names && names->size() == 1 && first_is_root) builder.set_root(names->front());
    }
  }
  for (const std::string& argument : request.helpers)
    append(problems, builder.add_argument(path_of_component(argument), UnitOrigin::ByHand));
  Result<void> applied = apply_link_flags(request.flags, builder);
  if (!applied) problems.insert(problems.end(), applied.error().begin(), applied.error().end());
  if (request.flags.locked) {
    const Result<std::string> lock = find_lock(request);
    Result<void> read = lock ? require_lock(*lock, builder) : Result<void>(lock.error());
    if (!read) problems.insert(problems.end(), read.error().begin(), read.error().end());
  }
  if (!problems.empty()) return problems;
  return builder;
}

}  // namespace tenon::cli
