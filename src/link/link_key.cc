#include "link/link_key.h"

#include <dlfcn.h>
#include <fmt/core.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/sha256.h"
#include "link/lock_file.h"
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
  template <class T>
    requires std::is_enum_v<T>
  void add(T value) {
    add(static_cast<int>(value));
  }
  void add(std::chrono::milliseconds duration) { add(duration.count()); }
  template <class T>
  void add(const std::vector<T>& all) {
    add(static_cast<int>(all.size()));
    for (const T& item : all) add(item);
  }
  void add(const std::string& field) { add(std::string_view(field)); }
  template <class... Fields>
  void add_all(const Fields&... fields) {
    (add(fields), ...);
  }
  void add(const Wire& wire) {
    const auto& [consumer, import, provider, export_name, via, target, lazy, optional, on_failure,
                 stream_buffer, adapt, buffers, where] = wire;
    add_all(consumer, import, provider, export_name, via, target, lazy, optional, on_failure,
            stream_buffer, adapt, buffers);
  }
  void add(const resolve::Filter& filter) {
    const auto& [unit, kind, item, where] = filter;
    add_all(unit, kind, item);
  }
  void add(const resolve::ExportRequest& request) {
    const auto& [unit, item, as, where, is_one_of_all] = request;
    add_all(unit, item, as, is_one_of_all);
  }
  void add(const resolve::HandlerRequest& request) {
    const auto& [unit, where, by] = request;
    add_all(unit, by);
  }
  void add(const resolve::Placement& placement) {
    const auto& [unit, domain, where] = placement;
    add_all(unit, domain);
  }
  void add(const resolve::DomainTable& table) {
    const auto& [name, where] = table;
    add(name);
  }
  void add(const Grants::Directory& dir) {
    const auto& [host, guest, writable] = dir;
    add_all(host, guest, writable);
  }
  void add(const std::pair<std::string, std::string>& pair) { add_all(pair.first, pair.second); }
  void add(const Grants& grants) {
    const auto& [dirs, env, net, http, http_proxy, args, stdio] = grants;
    add_all(dirs, env, net, http, http_proxy, args, stdio);
  }
  void add(const Limits& limits) {
    const auto& [memory, tables, instances, fuel, timeout, call_timeout] = limits;
    add_all(memory, tables, instances, fuel, timeout, call_timeout);
  }
  void add(const Restart& restart) {
    const auto& [max, within] = restart;
    add_all(max, within);
  }
  void add(const DomainSettings& settings) {
    const auto& [grants, stdio, memory, tables, instances, fuel, timeout, call_timeout, restart,
                 owns_thread, where] = settings;
    add_all(grants, stdio, memory, tables, instances, fuel, timeout, call_timeout, restart,
            owns_thread);
  }
  void add(const resolve::Policy& policy) {
    const auto& [wires, filters, exports, export_mode, root, root_where, unresolved, placements,
                 isolation, domains, middleware, product, handlers] = policy;
    add_all(wires, filters, exports, export_mode, root, unresolved, placements, isolation, domains,
            product, handlers);
  }
  void add(const UnitRequest& unit) {
    const auto& [name, kind, has_explicit_kind, path, bytes, digest, is_late, record, origin, pin,
                 domain, is_isolated, abi, pool, is_reachable, must_be_file, where, kind_part] =
        unit;
    // The path is the program's name.
    add_all(name, kind, has_explicit_kind, path, *digest, origin, std::optional<std::string>(pin),
            domain, is_isolated, abi, static_cast<std::uint64_t>(pool), is_reachable);
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
               abandoned, asks, folders, trusts_manifests, program_texts, has_built_in, grants,
               limits, inherit_stdio, can_interrupt, stream_buffer, threads, is_shared,
               http_instances, http_use, http, http_routes, restart_all, domains, domain_overrides,
               config, cache, notes, problems] = request;
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
