#include "link/manifest.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>

#include "host/host_offers.h"
#include "host/hosts_file.h"
#include "http/address.h"
#include "packr/package_unit.h"
#include "support/limits.h"
#include "support/measures.h"
#include "support/toml_table.h"
#include "support/try.h"
#include "tenon/plan.h"
#include "wit/settings.h"

namespace tenon::link {

namespace {

// Reads one file into a Request; all problems are collected.
class ManifestReader {
 public:
  explicit ManifestReader(const std::string& file) : file_(file) {
    if (const std::size_t slash = file.find_last_of('/'); slash != std::string::npos)
      folder_ = file.substr(0, slash);
    request_.inherit_stdio = true;
  }

  Result<Request> read(const TomlDocument& root) {
    TomlTable file(file_, root, problems_);
    read_schema(file);
    file.take_table("project", [this](TomlTable& t) { read_project(t); });
    file.take_named_tables(
        "components", [this](const std::string& name, TomlTable& t) { read_component(name, t); });
    file.take_named_tables(
        "packages", [this](const std::string& name, TomlTable& t) { read_package(name, t); });
    file.take_named_tables("hosts",
                           [this](const std::string& name, TomlTable& t) { read_host(name, t); });
    file.take_named_tables("remotes",
                           [this](const std::string& name, TomlTable& t) { read_remote(name, t); });
    file.take_named_tables("domains",
                           [this](const std::string& name, TomlTable& t) { read_domain(name, t); });
    file.take_named_tables(
        "middleware", [this](const std::string& name, TomlTable& t) { read_middleware(name, t); });
    file.take_rows("wire", [this](TomlTable& t) { read_wire(t); });
    file.take_rows("export", [this](TomlTable& t) { read_export(t); });
    file.take_table("policy", [this](TomlTable& t) { read_policy(t); });
    file.take_table("http", [this](TomlTable& t) { read_http(t); });
    file.finish();
    if (!problems_.empty()) return std::move(problems_);
    return std::move(request_);
  }

 private:
  static void read_schema(TomlTable& file) {
    const bool is_there = file.has("schema");
    const std::optional<std::int64_t> schema = file.take_number("schema");
    if (!schema) {
      // A value of another type is reported already.
      if (!is_there) file.complain_value("schema", "is missing", "schema = 1");
    } else if (*schema != 1) {
      file.complain_value("schema", fmt::format("is {}; this version of tenon reads 1", *schema),
                          "schema = 1");
    }
  }

  void read_project(TomlTable& table) {
    request_.name = table.take_text("name").value_or("");
    request_.policy.root = table.take_text("root");
    request_.policy.root_where = table.where("root");
  }

  // Reads the keys that all units with a file have.
  UnitRequest read_file_unit(const std::string& name, TomlTable& table) {
    UnitRequest unit;
    unit.name = name;
    unit.where = std::make_shared<const Location>(table.where());
    if (const auto path = table.take_text("path", Presence::Required))
      unit.path = join_path(folder_, *path);
    unit.sha256 = table.take_text("sha256");
    for (auto& [item, where] : table.take_texts("expose"))
      request_.policy.filters.push_back({name, resolve::Filter::Kind::Expose, item, where});
    for (auto& [item, where] : table.take_texts("hide"))
      request_.policy.filters.push_back({name, resolve::Filter::Kind::Hide, item, where});
    return unit;
  }

  void read_package(const std::string& name, TomlTable& table) {
    UnitRequest unit = read_file_unit(name, table);
    unit.kind = UnitKind::Package;
    if (const auto abi = table.take_text("abi")) {
      unit.abi = packr::parse_package_abi(*abi).value_or(PackageAbi::Detect);
      if (unit.abi == PackageAbi::Detect)
        table.complain_value("abi", "must be \"callee-buffer\" or \"caller-buffer\"",
                             "abi = \"caller-buffer\"");
    }
    request_.units.push_back(std::move(unit));
  }

  void read_host(const std::string& name, TomlTable& table) {
    const std::vector<std::string> folders = {folder_.empty() ? "." : folder_};
    // The library does not read environment variables; paths with variables belong in a hosts.toml.
    UnitRequest unit = make_bundle_unit(host::take_offer(std::make_shared<const host::HostEntry>(
        host::read_host_entry(file_, name, {}, folders, table))));
    request_.units.push_back(std::move(unit));
  }

  void read_remote(const std::string& name, TomlTable& table) {
    remote::RemoteSettings remote;
    if (const auto url = table.take_text("url", Presence::Required)) {
      Result<remote::Address> address = remote::parse_address(*url);
      if (address)
        remote.address = *std::move(address);
      else
        add_problems(std::move(address).error(), table.where("url"));
    }
    for (auto& [item, where] : table.take_texts("interfaces"))
      remote.options.interfaces.push_back(item);
    remote.options.wit = take_file(table, "wit");
    remote.options.features = wit::take_features(table);
    // With "0", a call can take any time.
    if (const auto timeout = table.take_text("timeout"); timeout == "0") {
      remote.options.timeout.reset();
    } else if (timeout) {
      remote.options.timeout = parse_duration(*timeout);
      if (!remote.options.timeout)
        table.complain_value("timeout", "must be a time in ms, s, m or h, or \"0\" for no limit",
                             "timeout = \"10s\"");
    }
    remote.options.on_failure = table.take_text("on-failure").value_or("");
    remote.options.idempotent = table.take_flag("idempotent").value_or(false);
    remote.options.tls = take_tls(table);
    remote.options.credentials = take_file(table, "credentials");
    UnitRequest unit;
    unit.name = name;
    unit.kind = UnitKind::Remote;
    unit.where = std::make_shared<const Location>(table.where());
    unit.kind_part = std::make_shared<const remote::RemoteSettings>(std::move(remote));
    request_.units.push_back(std::move(unit));
  }

  // Empty: the key is absent.
  std::string take_file(TomlTable& table, std::string_view key) {
    const std::string file = table.take_name(key);
    return file.empty() ? file : join_path(folder_, file);
  }

  TlsOptions take_tls(TomlTable& table) {
    return {take_file(table, "tls-ca"), take_file(table, "tls-cert"), take_file(table, "tls-key")};
  }

  void read_middleware(const std::string& name, TomlTable& table) {
    Middleware middleware;
    middleware.where = table.where();
    const std::string kind = table.take_text("kind", Presence::Required).value_or("");
    constexpr Middleware::Kind kKinds[] = {Middleware::Kind::Log,    Middleware::Kind::Limit,
                                           Middleware::Kind::Cache,  Middleware::Kind::Mock,
                                           Middleware::Kind::Record, Middleware::Kind::Replay};
    const auto* const known =
        std::ranges::find(kKinds, kind, [](Middleware::Kind each) { return get_name(each); });
    if (known != std::end(kKinds))
      middleware.kind = *known;
    else if (!kind.empty())
      table.complain_value("kind", "must be log, limit, cache, mock, record or replay",
                           "kind = \"log\"");
    middleware.file = take_file(table, "file");
    if (const auto text = table.take_text("rate")) {
      Result<CallRate> rate = CallRate::parse(*text);
      if (rate)
        middleware.rate = *rate;
      else
        add_problems(std::move(rate).error(), table.where("rate"));
    }
    middleware.concurrency =
        static_cast<std::uint32_t>(table.take_count("concurrency", 1, UINT32_MAX).value_or(0));
    middleware.size = table.take_size("size", "1MiB");
    middleware.entries = static_cast<std::uint32_t>(
        table.take_count("entries", 1, UINT32_MAX).value_or(middleware.entries));
    middleware.lifetime = table.take_duration("lifetime");
    request_.middleware.emplace(name, std::move(middleware));
  }

  void read_component(const std::string& name, TomlTable& table) {
    UnitRequest unit = read_file_unit(name, table);
    const std::optional<std::string> domain = table.take_text("domain");
    unit.domain = domain.value_or("main");
    unit.is_isolated = table.take_flag("isolated").value_or(false);
    if (domain && unit.is_isolated)
      table.complain_value(
          "isolated", "cannot be combined with `domain`: it gives the unit a domain of its own",
          "isolated = true` or `domain = \"...\"");
    if (const auto pool = table.take_count("pool", 1, limits::kInstances)) {
      unit.pool = static_cast<std::uint32_t>(*pool);
      unit.is_isolated = true;
      if (domain)
        table.complain_value("pool", "cannot be combined with `domain`: it isolates the unit",
                             "pool = 4` or `domain = \"...\"");
    }
    read_config(name, table);
    request_.units.push_back(std::move(unit));
  }

  void read_config(const std::string& name, TomlTable& table) {
    UnitConfig config;
    config.where = table.where("config");
    for (auto& [key, value] : table.take_text_map("config"))
      config.values.emplace(key, std::move(value));
    if (!config.values.empty()) request_.config.emplace(name, std::move(config));
  }

  void read_domain(const std::string& name, TomlTable& table) {
    DomainSettings& settings = request_.domains[name];
    settings.where = table.where();
    request_.policy.domains.push_back({name, table.where()});
    ManifestGrants ask;
    ask.domain = name;
    ask.where = table.where();
    for (const auto& [text, where] : table.take_texts("dirs")) {
      Result<Grants::Directory> dir = Grants::parse_directory(text);
      if (!dir) {
        add_problems(std::move(dir).error(), where);
        continue;
      }
      dir->host = join_path(folder_, dir->host);
      ask.dirs.push_back(*dir);
      settings.grants.dirs.push_back(*std::move(dir));
    }
    settings.grants.env = table.take_text_map("env");
    for (auto& [text, where] : table.take_texts("net")) {
      Result<void> net = Grants::check_network(text);
      if (!net) add_problems(std::move(net).error(), where);
      ask.net.push_back(text);
      settings.grants.net.push_back(text);
    }
    for (auto& [text, where] : table.take_texts("allow-http")) {
      Result<void> http = Grants::check_http(text);
      if (!http) add_problems(std::move(http).error(), where);
      ask.http.push_back(text);
      settings.grants.http.push_back(text);
    }
    settings.grants.http_proxy = table.take_flag("http-proxy").value_or(false);
    if (!ask.dirs.empty() || !ask.net.empty() || !ask.http.empty())
      request_.manifest_grants.push_back(std::move(ask));
    for (auto& [text, where] : table.take_texts("args")) settings.grants.args.push_back(text);
    read_stdio(table, settings);
    read_limits(table, settings);
    table.take_table("restart", [&](TomlTable& t) { settings.restart = read_restart(t); });
  }

  static void read_limits(TomlTable& table, DomainSettings& settings) {
    settings.memory = table.take_size("memory", "256MiB");
    settings.tables = table.take_count("tables", 1);
    settings.instances = table.take_count("instances", 1);
    settings.fuel = table.take_count("fuel", 0).value_or(0);
    settings.timeout = table.take_duration("timeout");
    settings.call_timeout = table.take_duration("call-timeout");
    if (const std::optional<std::string> thread = table.take_text("thread")) {
      settings.owns_thread = *thread == "own";
      if (!settings.owns_thread)
        table.complain_value("thread", "must be `own`, or absent", "thread = \"own\"");
    }
  }

  static std::optional<Restart> read_restart(TomlTable& table) {
    Restart restart;
    const bool on_trap = table.take_flag("on-trap").value_or(true);
    const std::optional<std::uint64_t> most = table.take_count("max", 1, UINT32_MAX);
    restart.max = static_cast<std::uint32_t>(most.value_or(1));
    restart.within = table.take_duration("within");
    return on_trap ? std::optional(restart) : std::nullopt;
  }

  void add_problems(Diagnostics problems, const Location& where) {
    for (Diagnostic& problem : problems) {
      problem.where = where;
      problems_.push_back(std::move(problem));
    }
  }

  static void read_stdio(TomlTable& table, DomainSettings& settings) {
    const std::optional<std::string> stdio = table.take_text("stdio");
    if (!stdio) return;
    for (const Stdio known : {Stdio::None, Stdio::Output, Stdio::Inherit}) {
      if (get_name(known) == *stdio) settings.stdio = known;
    }
    if (settings.stdio) return;
    table.complain_value("stdio", "must be \"inherit\", \"output\" or \"none\"",
                         "stdio = \"inherit\"");
  }

  void read_wire(TomlTable& table) {
    Wire wire;
    wire.where = table.where();
    wire.consumer = table.take_name("consumer");
    wire.import = table.take_text("import", Presence::Required).value_or("");
    wire.provider = table.take_name("provider");
    wire.export_name = table.take_name("export");
    for (auto& [unit, where] : table.take_texts("via")) wire.via.push_back(unit);
    wire.lazy = table.take_flag("lazy").value_or(false);
    wire.optional = table.take_flag("optional").value_or(false);
    wire.on_failure = table.take_name("on-failure");
    wire.stream_buffer = table.take_size("stream-buffer", "64KiB");
    wire.adapt = table.take_flag("adapt").value_or(false);
    wire.buffers = table.take_flag("buffers").value_or(false);
    const bool open = table.take_flag("open").value_or(false);
    const bool trap = table.take_flag("trap").value_or(false);
    const int targets = int{table.has("provider")} + int{open} + int{trap};
    if (targets > 1 || (wire.optional && (open || trap))) {
      table.complain_value(open ? "open" : "trap",
                           "cannot be combined with another target in the same wire",
                           "provider = \"...\"` or `open = true` or `trap = true");
    } else if (targets == 0 && wire.via.empty() && !wire.optional) {
      table.complain_value(
          "provider", "is missing",
          "provider = \"...\"` or `optional = true` or `open = true` or `trap = true");
    }
    if (open) wire.target = Wire::Target::Open;
    if (trap) wire.target = Wire::Target::Trap;
    request_.policy.wires.push_back(std::move(wire));
  }

  void read_export(TomlTable& table) {
    resolve::ExportRequest request;
    request.where = table.where();
    request.unit = table.take_text("unit", Presence::Required).value_or("");
    request.item = table.take_text("item", Presence::Required).value_or("");
    request.as = table.take_text("as");
    request_.policy.exports.push_back(std::move(request));
  }

  void read_policy(TomlTable& table) {
    const std::string unresolved = table.take_text("unresolved").value_or("error");
    if (unresolved == "open") {
      request_.policy.unresolved = resolve::Policy::Unresolved::Open;
    } else if (unresolved != "error") {
      table.complain_value("unresolved", "must be \"error\" or \"open\"", "unresolved = \"open\"");
    }
  }

  void read_http(TomlTable& table) {
    HttpOptions& http = request_.http;
    http.where = table.where();
    for (auto& [text, where] : table.take_texts("listen")) {
      if (const auto address = http::parse_address(text); !address)
        add_problems(address.error(), where);
      http.listen.push_back(text);
    }
    http.tls = take_tls(table);
    const auto take = [](auto& to, const auto& value) {
      if (value) to = *value;
    };
    take(http.requests, table.take_count("requests", 1, limits::kInstances));
    take(http.connections, table.take_count("connections", 1, limits::kHttpConnections));
    take(http.body_bytes, table.take_size("body", "64MiB"));
    take(http.header_bytes, table.take_size("header", "64KiB"));
    take(http.header_time, table.take_duration("header-timeout"));
    http.request_time = table.take_duration("request-timeout");
    take(http.idle, table.take_duration("idle-timeout"));
    http.health = table.take_flag("health").value_or(false);
    if (const auto metrics = table.take_text("metrics")) {
      if (const auto address = http::parse_address(*metrics); !address)
        add_problems(address.error(), table.where("metrics"));
      http.metrics = *metrics;
    }
    read_instances(table);
    read_access_log(table, http);
    table.take_rows("route", [this](TomlTable& t) { read_route(t); });
  }

  void read_instances(TomlTable& table) {
    HttpInstances& use = request_.http_use;
    const auto take = [&](std::string_view key, std::int64_t least, std::int64_t most,
                          std::uint32_t& to) {
      to = static_cast<std::uint32_t>(table.take_count(key, least, most).value_or(to));
    };
    take("reuse", 1, limits::kRequestsOfInstance, use.reuse);
    take("share", 1, limits::kInstances, use.share);
    take("warm", 0, limits::kInstances, use.warm);
    use.idle = table.take_duration("instance-idle").value_or(use.idle);
  }

  void read_access_log(TomlTable& table, HttpOptions& http) {
    if (const auto form = table.take_text("access-log")) {
      http.access_log = *form == "common" ? HttpLog::Common
                        : *form == "json" ? HttpLog::Json
                                          : HttpLog::None;
      if (http.access_log == HttpLog::None)
        table.complain_value("access-log", "must be \"common\" or \"json\"",
                             "access-log = \"common\"");
    }
    http.access_log_file = take_file(table, "access-log-file");
    if (!http.access_log_file.empty() && !table.has("access-log"))
      table.complain_value("access-log-file", "needs `access-log`, which says what is written",
                           "access-log = \"common\"");
    http.trusts_forwarded = table.take_flag("trust-forwarded").value_or(false);
  }

  void read_route(TomlTable& table) {
    HttpRoute route;
    route.where = table.where();
    route.path = table.take_text("path", Presence::Required).value_or(route.path);
    route.host = table.take_name("host");
    for (auto& [method, where] : table.take_texts("method")) route.methods.push_back(method);
    route.unit = table.take_name("unit");
    route.folder = take_file(table, "static");
    route.precompressed = table.take_flag("precompressed").value_or(false);
    add_http_route(std::move(route), request_);
  }

  const std::string& file_;
  std::string folder_;
  Request request_;
  Diagnostics problems_;
};

}  // namespace

Result<Request> parse_manifest(std::string_view text, const std::string& file) {
  TENON_TRY(const TomlDocument root, parse_toml(text, file));
  return ManifestReader(file).read(root);
}

Result<Request> read_manifest(const std::string& path, const Files& files) {
  TENON_TRY(const std::string text, read_text_file(files, path, NamedBy::File));
  return parse_manifest(text, path);
}

}  // namespace tenon::link
