#include "link/link_key.h"

#include <dlfcn.h>
#include <fmt/core.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <string_view>
#include <vector>

#include "engine/sha256.h"
#include "link/lock_file.h"
#include "support/diagnostics.h"
#include "tenon/inspect.h"
#include "wac/target.h"

namespace tenon::link {

namespace {

// Fields are written with their lengths, so different requests have different texts. Every struct
// is destructured with all its members, so adding a member fails to compile here until it is part
// of the key.
class KeyText {
 public:
  void add(std::string_view field) { text_ += fmt::format("{}:{},", field.size(), field); }
  template <class T>
  void add(const std::optional<T>& field) {
    text_ += field ? '+' : '-';
    if (field) add(*field);
  }
  template <std::integral T>
  void add(T number) {
    text_ += fmt::format("{:d},", number);
  }
  void add(Stdio stdio) { add(static_cast<int>(stdio)); }
  void add(std::chrono::milliseconds duration) { add(duration.count()); }
  template <class T>
  void add(const std::vector<T>& all) {
    add(static_cast<int>(all.size()));
    for (const T& item : all) add(item);
  }
  void add(const std::string& field) { add(std::string_view(field)); }
  void add(const Wire& wire) {
    const auto& [consumer, import, provider, export_name, via, target, lazy, optional, on_failure,
                 stream_buffer, adapt, buffers, where] = wire;
    add(consumer);
    add(import);
    add(provider);
    add(export_name);
    add(via);
    add(static_cast<int>(target));
    add(lazy);
    add(optional);
    add(on_failure);
    add(stream_buffer);
    add(adapt);
    add(buffers);
  }
  void add(const resolve::Filter& filter) {
    const auto& [unit, kind, item, where] = filter;
    add(unit);
    add(static_cast<int>(kind));
    add(item);
  }
  void add(const resolve::ExportRequest& request) {
    const auto& [unit, item, as, where] = request;
    add(unit);
    add(item);
    add(as);
  }
  void add(const resolve::HandlerRequest& request) {
    const auto& [unit, where, by] = request;
    add(unit);
    add(static_cast<int>(by));
  }
  void add(const resolve::Placement& placement) {
    const auto& [unit, domain, where] = placement;
    add(unit);
    add(domain);
  }
  void add(const resolve::DomainTable& table) {
    const auto& [name, where] = table;
    add(name);
  }
  void add(const Grants::Directory& dir) {
    const auto& [host, guest, writable] = dir;
    add(host);
    add(guest);
    add(writable);
  }
  void add(const std::pair<std::string, std::string>& pair) {
    add(pair.first);
    add(pair.second);
  }
  void add(const Grants& grants) {
    const auto& [dirs, env, net, http, http_proxy, args, stdio] = grants;
    add(dirs);
    add(env);
    add(net);
    add(http);
    add(http_proxy);
    add(args);
    add(stdio);
  }
  void add(const Limits& limits) {
    const auto& [memory, tables, instances, fuel, timeout, call_timeout] = limits;
    add(memory);
    add(tables);
    add(instances);
    add(fuel);
    add(timeout);
    add(call_timeout);
  }
  void add(const Restart& restart) {
    const auto& [max, within] = restart;
    add(max);
    add(within);
  }
  void add(const DomainSettings& settings) {
    const auto& [grants, stdio, memory, tables, instances, fuel, timeout, call_timeout, restart,
                 owns_thread, where] = settings;
    add(grants);
    add(stdio);
    add(memory);
    add(tables);
    add(instances);
    add(fuel);
    add(timeout);
    add(call_timeout);
    add(restart);
    add(owns_thread);
  }
  void add(const resolve::Policy& policy) {
    const auto& [wires, filters, exports, export_mode, root, root_where, unresolved, placements,
                 isolation, domains, middleware, product, handlers] = policy;
    add(wires);
    add(filters);
    add(exports);
    add(static_cast<int>(export_mode));
    add(root);
    add(static_cast<int>(unresolved));
    add(placements);
    add(static_cast<int>(isolation));
    add(domains);
    add(static_cast<int>(product));
    add(handlers);
  }
  void add(const UnitRequest& unit) {
    const auto& [name, kind, has_explicit_kind, path, bytes, digest, is_late, record, origin, pin,
                 domain, is_isolated, abi, pool, is_reachable, must_be_file, where, kind_part] =
        unit;
    add(name);
    add(static_cast<int>(kind));
    add(has_explicit_kind);
    add(path);  // the program's name
    add(*digest);
    add(static_cast<int>(origin));
    add(std::optional<std::string>(pin));
    add(domain);
    add(is_isolated);
    add(static_cast<int>(abi));
    add(static_cast<std::uint64_t>(pool));
    add(is_reachable);
  }

  [[nodiscard]] std::string digest() const { return engine::sha256_hex(as_bytes(text_)); }

 private:
  std::string text_;
};

}  // namespace

const std::string& identify_program() {
  // Never destroyed: a thread can link while the process ends.
  static const std::string& program = *new std::string([] {
    // The file that has this code: the program, or a shared library that it has loaded.
    Dl_info library = {};
    const bool is_library =
        ::dladdr(reinterpret_cast<const void*>(&identify_program), &library) != 0 &&
        std::string_view(library.dli_fname).find(".so") != std::string_view::npos;
    struct stat status = {};
    const auto* const started = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
    // Without /proc, the path by which the program was started leads to it.
    if (::stat(is_library ? library.dli_fname : "/proc/self/exe", &status) != 0 &&
        (started == nullptr || ::stat(started, &status) != 0))
      return std::string();
    return fmt::format("{} {} {} {} {}.{}", version(), status.st_dev, status.st_ino, status.st_size,
                       status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }());
  return program;
}

std::optional<std::string> make_link_key(const Request& request) {
  // Grants of this run to the root's domain do not change the link, so they are not part of the
  // key.
  const auto& [name, units, policy, host, middleware, hosts, lock, target, start, deadline,
               abandoned, asks, trusts_manifests, program_texts, has_built_in, grants, limits,
               inherit_stdio, can_interrupt, stream_buffer, threads, is_shared, http_instances,
               http_use, http, http_routes, restart_all, domains, domain_overrides, config, cache,
               notes, problems] = request;
  const std::string& program = identify_program();
  // Functions of the program need the plan, because they are defined by types. So do functions of a
  // unit of another composition, which has no digest.
  if (!notes.empty() || !problems.empty() || !host.empty() || program.empty()) return std::nullopt;
  // Middleware and conversions need the names and types of functions.
  if (!middleware.empty() || std::ranges::any_of(policy.wires, &Wire::adapt)) return std::nullopt;
  std::vector<const UnitRequest*> sorted;
  for (const UnitRequest& unit : units) {
    if (unit.digest == nullptr) return std::nullopt;
    sorted.push_back(&unit);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->name < b->name; });
  KeyText text;
  text.add(program);
  text.add(name);
  text.add(policy);
  text.add(limits);
  text.add(can_interrupt);
  text.add(http.request_time);
  text.add(restart_all);
  // A stored link used no offer; with offers that did not exist then, the link can differ.
  text.add(!hosts.offers.empty());
  // A stored link matches its lock.
  if (lock != nullptr) text.add(print_lock(*lock));
  if (target != nullptr) {
    text.add(engine::sha256_hex(target->wit.binary));
    text.add(target->world);
  }
  for (const auto& [domain, settings] : domains) {
    text.add(domain);
    text.add(settings);
  }
  for (const auto& [domain, overrides] : domain_overrides) {
    text.add(domain);
    text.add(overrides.limits);
    text.add(overrides.restart);
  }
  // A stored link has checked which units can have a configuration.
  for (const auto& [unit, of_unit] : config) {
    text.add(unit);
    for (const auto& [key, value] : of_unit.values) text.add(key);
  }
  for (const UnitRequest* unit : sorted) text.add(*unit);
  return text.digest();
}

}  // namespace tenon::link
