#include "capi/builder.h"

#include <sysexits.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "capi/composition.h"
#include "capi/function.h"
#include "render/json.h"
#include "support/diagnostics.h"

using namespace tenon;
using capi::find_misuse;
using capi::guard;
using capi::view_of;

struct tenon_imports final : capi::Object<capi::Mark::Imports> {
  std::deque<tenon_function> functions;
};

namespace tenon::capi {

std::shared_ptr<void> keep_user(void* user, void (*drop)(void* user)) {
  // If there is no memory, this drops the data and throws.
  return std::shared_ptr<void>(user, [drop](void* kept) {
    if (drop != nullptr) drop(kept);
  });
}

namespace {

// Calls a setter, unless one of the texts is NULL. Problems are reported by the next plan.
template <class F>
void set(tenon_builder* builder, const char* name, std::initializer_list<const char*> texts,
         F&& function) noexcept {
  if (builder == nullptr || !builder->is_alive()) return;
  try {
    if (std::ranges::find(texts, nullptr) != texts.end())
      builder->problems.push_back(
          make_diagnostic(Code::ApiUsage, "`{}` got NULL where it needs text", name));
    else
      function(builder->builder);
  } catch (const std::bad_alloc&) {
    builder->has_lost_setting = true;
  }
}

// The same for a setter with user data, which is dropped at once if it is not kept.
template <class F>
void set_with_user(tenon_builder* builder, const char* name,
                   std::initializer_list<const char*> texts, void* user, void (*drop)(void* user),
                   F&& function) noexcept {
  if (builder == nullptr || !builder->is_alive()) {
    if (drop != nullptr) drop(user);
    return;
  }
  bool is_kept = false;
  set(builder, name, texts, [&](CompositionBuilder& to) {
    is_kept = true;
    function(to, keep_user(user, drop));
  });
  if (!is_kept && drop != nullptr) drop(user);
}

// The options of a unit.
UnitOptions make_options(const tenon_unit_options* options) {
  const tenon_unit_options read = read_options(options);
  UnitOptions made;
  made.reachable = read.reachable != 0 ? Reachable::Yes : Reachable::No;
  made.sha256 = view_of(read.sha256);
  made.pool = read.pool;
  return made;
}

std::span<const std::uint8_t> bytes_of(const void* bytes, size_t size) {
  return {static_cast<const std::uint8_t*>(bytes), bytes == nullptr ? 0 : size};
}

// Calls a function that makes a result with a builder that has no problems.
template <class F>
tenon_error* with_builder(tenon_builder* builder, F&& function) {
  return guard([&]() -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(builder, "builder")) return misuse;
    if (builder->has_lost_setting) return out_of_memory();
    if (!builder->problems.empty()) return make_error(builder->problems);
    return function(builder->builder);
  });
}

tenon_error* finish(const Result<void>& done) { return done ? nullptr : make_error(done.error()); }

}  // namespace

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    if (const std::string_view part = text.substr(0, comma); !part.empty())
      parts.emplace_back(part);
    text.remove_prefix(std::min(text.size(), comma == text.npos ? text.size() : comma + 1));
  }
  return parts;
}

namespace {

Grants& grants_of(CompositionBuilder& builder, const char* domain) {
  return domain == nullptr ? builder.grants() : builder.grants(domain);
}

// A time of the program; 0: none.
std::optional<std::chrono::milliseconds> read_duration(std::uint64_t milliseconds) {
  if (milliseconds == 0) return std::nullopt;
  return std::chrono::milliseconds(std::min<std::uint64_t>(milliseconds, INT64_MAX / 1'000'000));
}

HostProcess make_process(const tenon_process_options* options) {
  const tenon_process_options read = read_options(options);
  const auto read_limit = [](std::uint64_t limit) {
    return limit != 0 ? std::optional(limit) : std::nullopt;
  };
  return {.files = read.no_files == 0,
          .network = read.no_network == 0,
          .memory = read_limit(read.memory),
          .cpu = read_duration(read.cpu_milliseconds),
          .descriptors = read_limit(read.descriptors),
          .restarts = read.restarts,
          .within = read_duration(read.within_milliseconds)};
}

template <class T>
void take(Result<T> parsed, std::optional<T>& limit, Diagnostics& problems) {
  if (parsed)
    limit = *parsed;
  else
    std::ranges::move(parsed.error(), std::back_inserter(problems));
}

void set_limit(Limits& limits, std::string_view limit, std::string_view value,
               Diagnostics& problems) {
  if (limit == "memory")
    take(Limits::parse_size(value), limits.memory, problems);
  else if (limit == "tables")
    take(Limits::parse_count(value), limits.tables, problems);
  else if (limit == "instances")
    take(Limits::parse_count(value), limits.instances, problems);
  else if (limit == "fuel")
    take(Limits::parse_count(value), limits.fuel, problems);
  else if (limit == "timeout")
    take(Limits::parse_duration(value), limits.timeout, problems);
  else if (limit == "call-timeout")
    take(Limits::parse_duration(value), limits.call_timeout, problems);
  else
    problems.push_back(make_diagnostic(
        Code::ApiUsage,
        "`{}` is not a limit: expected memory, tables, instances, fuel, timeout or call-timeout",
        limit));
}

}  // namespace

}  // namespace tenon::capi

using capi::finish;
using capi::set;
using capi::set_with_user;
using capi::with_builder;

tenon_builder* tenon_builder_new(void) {
  return capi::guard_or(static_cast<tenon_builder*>(nullptr), [] { return new tenon_builder; });
}

void tenon_builder_delete(tenon_builder* builder) {
  if (builder != nullptr && builder->is_alive()) delete builder;
}

void tenon_builder_set_name(tenon_builder* builder, const char* name) {
  set(builder, __func__, {name}, [&](CompositionBuilder& to) { to.set_name(name); });
}

void tenon_builder_add_component(tenon_builder* builder, const char* name, const char* path,
                                 const tenon_unit_options* options) {
  set(builder, __func__, {name, path},
      [&](CompositionBuilder& to) { to.add_component(name, path, capi::make_options(options)); });
}

void tenon_builder_add_component_bytes(tenon_builder* builder, const char* name, const void* bytes,
                                       size_t size, const tenon_unit_options* options) {
  set(builder, __func__, {name}, [&](CompositionBuilder& to) {
    to.add_component(name, capi::bytes_of(bytes, size), capi::make_options(options));
  });
}

void tenon_builder_add_package(tenon_builder* builder, const char* name, const char* path,
                               const tenon_unit_options* options) {
  set(builder, __func__, {name, path},
      [&](CompositionBuilder& to) { to.add_package(name, path, capi::make_options(options)); });
}

void tenon_builder_add_package_bytes(tenon_builder* builder, const char* name, const void* bytes,
                                     size_t size, const tenon_unit_options* options) {
  set(builder, __func__, {name}, [&](CompositionBuilder& to) {
    to.add_package(name, capi::bytes_of(bytes, size), capi::make_options(options));
  });
}

void tenon_builder_set_config(tenon_builder* builder, const char* unit, const char* key,
                              const char* value) {
  set(builder, __func__, {unit, key, value},
      [&](CompositionBuilder& to) { to.set_config(unit, key, value); });
}

tenon_error* tenon_builder_add_argument(tenon_builder* builder, const char* argument) {
  return with_builder(builder, [&](CompositionBuilder& to) -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(argument, "argument")) return misuse;
    const auto added = to.add_argument(argument);
    return added ? nullptr : capi::make_error(added.error());
  });
}

void tenon_builder_add_host_bundle(tenon_builder* builder, const char* name, const char* path) {
  set(builder, __func__, {path},
      [&](CompositionBuilder& to) { to.add_host_bundle(view_of(name), path); });
}

void tenon_builder_add_host_module(tenon_builder* builder, const char* name,
                                   const tenon_host_module* module, const char* wit,
                                   const char* manifest) {
  const char* const module_name = module != nullptr ? module->name : nullptr;
  set(builder, __func__, {name, wit, module_name}, [&](CompositionBuilder& to) {
    std::string text(view_of(manifest));
    if (manifest == nullptr)
      text = fmt::format("[host]\nname = \"{}\"\nlib = \"lib\"\nwit = \"wit\"\n", module_name);
    to.add_host_module(name, {.module = module, .manifest = std::move(text), .wit = wit});
  });
}

void tenon_builder_add_remote(tenon_builder* builder, const char* name, const char* url,
                              const char* interfaces) {
  set(builder, __func__, {name, url, interfaces}, [&](CompositionBuilder& to) {
    to.add_remote(name, url, {.interfaces = capi::split_list(interfaces)});
  });
}

void tenon_builder_add_function(tenon_builder* builder, const char* interface, const char* name,
                                tenon_fn fn, void* user, void (*drop)(void* user)) {
  set_with_user(builder, __func__, {name, fn != nullptr ? name : nullptr}, user, drop,
                [&](CompositionBuilder& to, const std::shared_ptr<void>& kept) {
                  to.add_host_function(
                      capi::make_function(view_of(interface), name, fn, capi::Ends::WithIt, kept));
                });
}

void tenon_builder_add_async_function(tenon_builder* builder, const char* interface,
                                      const char* name, tenon_fn fn, void* user,
                                      void (*drop)(void* user)) {
  set_with_user(builder, __func__, {name, fn != nullptr ? name : nullptr}, user, drop,
                [&](CompositionBuilder& to, const std::shared_ptr<void>& kept) {
                  to.add_host_function(
                      capi::make_function(view_of(interface), name, fn, capi::Ends::Later, kept));
                });
}

void tenon_builder_add_resource(tenon_builder* builder, const char* interface, const char* name,
                                void (*drop_rep)(void* user, void* rep), void* user,
                                void (*drop)(void* user)) {
  set_with_user(builder, __func__, {name}, user, drop,
                [&](CompositionBuilder& to, const std::shared_ptr<void>& kept) {
                  auto of = std::make_shared<capi::ProgramObject::Class>();
                  of->drop = drop_rep;
                  of->user = kept;
                  HostResourceParts resource;
                  resource.interface = view_of(interface);
                  resource.name = name;
                  resource.host_class = of.get();
                  builder->kept.classes.push_back(std::move(of));
                  to.add_host_resource(std::move(resource));
                });
}

tenon_error* tenon_builder_read_manifest(tenon_builder* builder, const char* path) {
  return with_builder(builder, [&](CompositionBuilder& to) {
    if (tenon_error* const misuse = find_misuse(path, "path")) return misuse;
    return finish(to.read_manifest(path));
  });
}

tenon_error* tenon_builder_read_manifest_text(tenon_builder* builder, const char* text, size_t size,
                                              const char* folder) {
  return with_builder(builder, [&](CompositionBuilder& to) {
    if (tenon_error* const misuse = find_misuse(text, "text")) return misuse;
    return finish(to.read_manifest_text({text, size}, view_of(folder)));
  });
}

tenon_error* tenon_builder_read_wac(tenon_builder* builder, const char* path, const char* folder) {
  return with_builder(builder, [&](CompositionBuilder& to) {
    if (tenon_error* const misuse = find_misuse(path, "path")) return misuse;
    return finish(to.read_wac(path, {.folder = std::string(view_of(folder))}));
  });
}

tenon_error* tenon_builder_read_hosts(tenon_builder* builder, const char* path) {
  return with_builder(builder, [&](CompositionBuilder& to) {
    if (tenon_error* const misuse = find_misuse(path, "path")) return misuse;
    return finish(to.read_hosts(path));
  });
}

void tenon_builder_wire(tenon_builder* builder, const tenon_wire* wire) {
  const tenon_wire read = capi::read_options(wire);
  set(builder, __func__, {read.import}, [&](CompositionBuilder& to) {
    Wire made{.consumer = std::string(view_of(read.consumer)),
              .import = read.import,
              .provider = std::string(view_of(read.provider)),
              .export_name = std::string(view_of(read.export_name))};
    for (size_t i = 0; i < read.nvia; ++i) made.via.emplace_back(view_of(read.via[i]));
    if (read.target < TENON_TARGET_PROVIDER || read.target > TENON_TARGET_TRAP) {
      builder->problems.push_back(
          make_diagnostic(Code::ApiUsage, "{} is not a target of a wire", read.target));
      return;
    }
    made.target = static_cast<Wire::Target>(read.target);
    made.lazy = read.lazy != 0;
    made.optional = read.optional != 0;
    made.adapt = read.adapt != 0;
    made.on_failure = view_of(read.on_failure);
    to.wire(std::move(made));
  });
}

void tenon_builder_hide(tenon_builder* builder, const char* unit, const char* item) {
  set(builder, __func__, {unit, item}, [&](CompositionBuilder& to) { to.hide(unit, item); });
}

void tenon_builder_expose(tenon_builder* builder, const char* unit, const char* item) {
  set(builder, __func__, {unit, item}, [&](CompositionBuilder& to) { to.expose(unit, item); });
}

void tenon_builder_export_item(tenon_builder* builder, const char* unit, const char* item,
                               const char* as) {
  set(builder, __func__, {unit, item},
      [&](CompositionBuilder& to) { to.export_item(unit, item, view_of(as)); });
}

void tenon_builder_export_all(tenon_builder* builder) {
  set(builder, __func__, {}, [](CompositionBuilder& to) { to.export_all(); });
}

void tenon_builder_set_root(tenon_builder* builder, const char* unit) {
  set(builder, __func__, {unit}, [&](CompositionBuilder& to) { to.set_root(unit); });
}

void tenon_builder_allow_unresolved(tenon_builder* builder) {
  set(builder, __func__, {}, [](CompositionBuilder& to) { to.allow_unresolved(); });
}

void tenon_builder_place(tenon_builder* builder, const char* unit, const char* domain) {
  set(builder, __func__, {unit, domain}, [&](CompositionBuilder& to) { to.place(unit, domain); });
}

void tenon_builder_isolate(tenon_builder* builder, const char* unit) {
  set(builder, __func__, {unit}, [&](CompositionBuilder& to) { to.isolate(unit); });
}

void tenon_builder_isolate_all(tenon_builder* builder) {
  set(builder, __func__, {}, [](CompositionBuilder& to) { to.isolate_all(); });
}

void tenon_builder_inherit_stdio(tenon_builder* builder) {
  set(builder, __func__, {}, [](CompositionBuilder& to) { to.inherit_stdio(); });
}

void tenon_builder_grant_directory(tenon_builder* builder, const char* domain,
                                   const char* directory) {
  set(builder, __func__, {directory}, [&](CompositionBuilder& to) {
    Result<Grants::Directory> parsed = Grants::parse_directory(directory);
    if (parsed)
      capi::grants_of(to, domain).dirs.push_back(*std::move(parsed));
    else
      std::ranges::move(parsed.error(), std::back_inserter(builder->problems));
  });
}

void tenon_builder_grant_variable(tenon_builder* builder, const char* domain, const char* name,
                                  const char* value) {
  set(builder, __func__, {name, value},
      [&](CompositionBuilder& to) { capi::grants_of(to, domain).env.emplace_back(name, value); });
}

void tenon_builder_grant_network(tenon_builder* builder, const char* domain, const char* host) {
  set(builder, __func__, {host}, [&](CompositionBuilder& to) {
    Result<void> checked = Grants::check_network(host);
    if (checked)
      capi::grants_of(to, domain).net.emplace_back(host);
    else
      std::ranges::move(checked.error(), std::back_inserter(builder->problems));
  });
}

void tenon_builder_add_program_argument(tenon_builder* builder, const char* domain,
                                        const char* argument) {
  set(builder, __func__, {argument},
      [&](CompositionBuilder& to) { capi::grants_of(to, domain).args.emplace_back(argument); });
}

void tenon_builder_set_limit(tenon_builder* builder, const char* domain, const char* limit,
                             const char* value) {
  set(builder, __func__, {limit, value}, [&](CompositionBuilder& to) {
    capi::set_limit(domain == nullptr ? to.limits() : to.limits(domain), limit, value,
                    builder->problems);
  });
}

void tenon_builder_restart(tenon_builder* builder, const char* domain, uint32_t most,
                           uint64_t within_milliseconds) {
  set(builder, __func__, {}, [&](CompositionBuilder& to) {
    const Restart policy{.max = most, .within = capi::read_duration(within_milliseconds)};
    if (domain == nullptr)
      to.restart_all(policy);
    else
      to.restart(domain, policy);
  });
}

void tenon_builder_allow_interrupt(tenon_builder* builder) {
  set(builder, __func__, {}, [](CompositionBuilder& to) { to.allow_interrupt(); });
}

void tenon_builder_trust(tenon_builder* builder) {
  set(builder, __func__, {}, [](CompositionBuilder& to) { to.trust(); });
}

void tenon_builder_trust_path(tenon_builder* builder, const char* path) {
  set(builder, __func__, {path}, [&](CompositionBuilder& to) { to.trust_path(path); });
}

void tenon_builder_require_pins(tenon_builder* builder) {
  set(builder, __func__, {}, [](CompositionBuilder& to) { to.require_pins(); });
}

void tenon_builder_forbid_native(tenon_builder* builder) {
  set(builder, __func__, {}, [](CompositionBuilder& to) { to.forbid_native(); });
}

void tenon_builder_set_host_config(tenon_builder* builder, const char* host, const char* key,
                                   const char* value) {
  set(builder, __func__, {host, key, value},
      [&](CompositionBuilder& to) { to.set_host_config(host, key, value); });
}

void tenon_builder_run_in_process(tenon_builder* builder, const char* host,
                                  const tenon_process_options* options) {
  set(builder, __func__, {host},
      [&](CompositionBuilder& to) { to.run_in_process(host, capi::make_process(options)); });
}

void tenon_builder_set_process_program(tenon_builder* builder, const char* path) {
  set(builder, __func__, {path}, [&](CompositionBuilder& to) { to.set_process_program(path); });
}

int tenon_run_bundle_process(int argc, char* const* argv, int* exit_code) {
  int code = EX_OSERR;  // there was no memory
  const bool is_ordinary = capi::guard_or(false, [&] {
    const std::optional<int> done = run_bundle_process(argc, argv);
    code = done.value_or(0);
    return !done;
  });
  if (exit_code != nullptr) *exit_code = code;
  return is_ordinary ? 0 : 1;
}

void tenon_builder_set_cache(tenon_builder* builder, const char* folder) {
  set(builder, __func__, {folder}, [&](CompositionBuilder& to) {
    to.set_plan_cache(folder);
    builder->options.cache_dir = folder;
  });
}

void tenon_builder_set_threads(tenon_builder* builder, size_t count) {
  set(builder, __func__, {}, [&](CompositionBuilder& to) { to.set_threads(count); });
}

void tenon_builder_allow_threads(tenon_builder* builder) {
  set(builder, __func__, {}, [](CompositionBuilder& to) { to.allow_threads(); });
}

void tenon_builder_set_executor(tenon_builder* builder, const tenon_executor* executor) {
  set(builder, __func__, {}, [&](CompositionBuilder& to) {
    if (executor == nullptr || executor->post == nullptr) {
      builder->problems.push_back(make_diagnostic(Code::ApiUsage, "an executor without `post`"));
      return;
    }
    builder->kept.executor = std::make_shared<capi::ProgramExecutor>(*executor);
    to.set_executor(*builder->kept.executor);
  });
}

void tenon_builder_on_log(tenon_builder* builder,
                          void (*on_log)(void* user, const char* line, size_t size), void* user,
                          void (*drop)(void* user)) {
  set_with_user(builder, __func__, {}, user, drop,
                [&](CompositionBuilder& /*to*/, const std::shared_ptr<void>& kept) {
                  builder->options.on_log = {};
                  if (on_log != nullptr)
                    builder->options.on_log = [on_log, kept](std::string_view line) {
                      on_log(kept.get(), line.data(), line.size());
                    };
                });
}

void tenon_builder_on_trace(tenon_builder* builder,
                            void (*on_trace)(void* user, const char* json, size_t size), void* user,
                            void (*drop)(void* user)) {
  set_with_user(builder, __func__, {}, user, drop,
                [&](CompositionBuilder& /*to*/, const std::shared_ptr<void>& kept) {
                  builder->options.trace_calls = {};
                  if (on_trace != nullptr)
                    builder->options.trace_calls = [on_trace, kept](const TraceCall& call) {
                      const std::string json = render::render_trace_json(call);
                      on_trace(kept.get(), json.data(), json.size());
                    };
                });
}

tenon_error* tenon_builder_imports(tenon_builder* builder, tenon_imports** imports) {
  if (imports == nullptr) return capi::make_misuse("`imports` is NULL");
  *imports = nullptr;
  return with_builder(builder, [&](CompositionBuilder& from) {
    return capi::store(from.imports(), imports, [](std::vector<UnitImport> found) {
      auto made = std::make_unique<tenon_imports>();
      for (UnitImport& import : found)
        (void)made->functions
            .emplace_back(std::move(import.unit), std::move(import.function.interface),
                          std::move(import.function.name), std::move(import.function.type))
            .description();  // so that the functions that return it need no memory
      return made.release();
    });
  });
}

void tenon_imports_delete(tenon_imports* imports) {
  if (imports != nullptr && imports->is_alive()) delete imports;
}

size_t tenon_imports_count(const tenon_imports* imports) {
  return imports != nullptr && imports->is_alive() ? imports->functions.size() : 0;
}

const tenon_function* tenon_imports_function(const tenon_imports* imports, size_t index) {
  return index < tenon_imports_count(imports) ? &imports->functions[index] : nullptr;
}

tenon_error* tenon_builder_plan(tenon_builder* builder, tenon_plan** plan) {
  if (plan == nullptr) return capi::make_misuse("`plan` is NULL");
  *plan = nullptr;
  return with_builder(builder, [&](CompositionBuilder& from) {
    return capi::store(from.plan(), plan,
                       [](Plan made) { return new tenon_plan(std::move(made)); });
  });
}

tenon_error* tenon_builder_explain_import(tenon_builder* builder, const char* import, char** json) {
  if (json == nullptr) return capi::make_misuse("`json` is NULL");
  *json = nullptr;
  return with_builder(builder, [&](CompositionBuilder& from) -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(import, "import")) return misuse;
    Result<Plan> plan = from.plan();
    if (!plan) return capi::make_error(plan.error());
    return capi::store(from.explain_import(import), json,
                       [&](const std::vector<PlanChoice>& choices) {
                         return capi::copy_text(render::render_choices_json(*plan, choices));
                       });
  });
}

tenon_error* tenon_builder_compose(tenon_builder* builder, uint8_t** bytes, size_t* size) {
  if (bytes == nullptr || size == nullptr) return capi::make_misuse("`bytes` or `size` is NULL");
  *bytes = nullptr;
  *size = 0;
  return with_builder(builder, [&](CompositionBuilder& from) {
    return capi::store(from.compose(), bytes, [&](const std::vector<std::uint8_t>& made) {
      *size = made.size();
      return reinterpret_cast<std::uint8_t*>(
          capi::copy_text({reinterpret_cast<const char*>(made.data()), made.size()}));
    });
  });
}

tenon_error* tenon_builder_prepare(tenon_builder* builder) {
  return with_builder(
      builder, [&](CompositionBuilder& from) { return finish(from.prepare(builder->options)); });
}

tenon_error* tenon_builder_build(tenon_builder* builder, tenon_composition** composition) {
  if (composition == nullptr) return capi::make_misuse("`composition` is NULL");
  *composition = nullptr;
  return with_builder(builder, [&](CompositionBuilder& from) {
    return capi::store(from.build(builder->options), composition, [&](Composition made) {
      return new tenon_composition(builder->kept, std::move(made));
    });
  });
}

uint32_t tenon_abi_version(void) { return TENON_C_ABI_MAJOR * 65536 + TENON_C_ABI_MINOR; }
