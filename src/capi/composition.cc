#include "capi/composition.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capi/function.h"
#include "support/diagnostics.h"
#include "tenon/inspect.h"
#include "tenon/remote.h"

using namespace tenon;
using capi::find_misuse;
using capi::guard;
using capi::make_error;
using capi::make_misuse;
using capi::view_of;

struct tenon_unit final : capi::Object<capi::Mark::Unit> {
  explicit tenon_unit(Unit found) : unit(std::move(found)) {}
  Unit unit;
};

struct tenon_server final : capi::Object<capi::Mark::Server> {
  explicit tenon_server(Server made) : server(std::move(made)) {}
  Server server;
};

namespace {

tenon_function* make_found(Function found) { return new tenon_function(std::move(found)); }

// One of several, by its number.
template <class T>
Result<T> pick(std::vector<T> all, size_t index, const char* what) {
  if (index < all.size()) return std::move(all[index]);
  return make_diagnostic(Code::ApiUsage, "there are {} {}, and no number {}", all.size(), what,
                         index);
}

template <class From>
tenon_error* find_function(From& from, const char* interface, const char* name,
                           tenon_function** function) {
  if (tenon_error* const misuse = find_misuse(name, "name")) return misuse;
  return capi::store(from.find_function(view_of(interface), name), function, make_found);
}

std::chrono::nanoseconds time_of(std::uint64_t nanoseconds) {
  return std::chrono::nanoseconds(std::min<std::uint64_t>(nanoseconds, INT64_MAX / 2));
}

SwapOptions make_options(const tenon_swap_options* options) {
  const tenon_swap_options read = capi::read_options(options);
  SwapOptions made;
  made.handles = read.make_stale != 0 ? SwapHandles::MakeStale : SwapHandles::Refuse;
  made.whole_domains = read.whole_domains != 0;
  made.is_trial = read.is_trial != 0;
  return made;
}

// Calls a function with a composition that can be used, and an out parameter that is emptied.
template <class T, class F>
tenon_error* with(T* object, const char* name, F&& function) {
  return guard([&]() -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(object, name)) return misuse;
    return function(*object);
  });
}
template <class T, class Out, class F>
tenon_error* with(T* object, const char* name, Out** out, F&& function) {
  if (out == nullptr) return make_misuse("an out parameter is NULL");
  *out = nullptr;
  return with(object, name, function);
}

}  // namespace

const char* tenon_version(void) { return version().data(); }

void tenon_composition_delete(tenon_composition* composition) {
  if (composition != nullptr && composition->is_alive()) delete composition;
}

tenon_error* tenon_composition_run_command(tenon_composition* composition, int* exit_code) {
  if (exit_code == nullptr) return make_misuse("`exit_code` is NULL");
  *exit_code = 0;
  return with(composition, "composition", [&](tenon_composition& of) -> tenon_error* {
    CallResult<int> ended = of.composition.run_command();
    if (!ended) return make_error(std::move(ended).error());
    *exit_code = *ended;
    return nullptr;
  });
}

tenon_error* tenon_composition_function(tenon_composition* composition, const char* interface,
                                        const char* name, tenon_function** function) {
  return with(composition, "composition", function, [&](tenon_composition& of) {
    return find_function(of.composition, interface, name, function);
  });
}

size_t tenon_composition_function_count(const tenon_composition* composition) {
  if (composition == nullptr || !composition->is_alive()) return 0;
  return capi::guard_or<size_t>(0, [&] { return composition->composition.functions().size(); });
}

tenon_error* tenon_composition_function_at(tenon_composition* composition, size_t index,
                                           tenon_function** function) {
  return with(composition, "composition", function, [&](tenon_composition& of) {
    return capi::store(pick(of.composition.functions(), index, "functions"), function, make_found);
  });
}

tenon_error* tenon_composition_call(tenon_composition* composition, const char* call,
                                    char** result) {
  return with(composition, "composition", result, [&](tenon_composition& of) -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(call, "call")) return misuse;
    const Result<WaveCall> parsed = parse_wave_call(call);
    if (!parsed) return make_error(parsed.error());
    const Result<Function> function = of.composition.find_function(*parsed);
    if (!function) return make_error(function.error());
    const Result<std::vector<Value>> arguments = parse_wave_arguments(*parsed, function->type());
    if (!arguments) return make_error(arguments.error());
    CallResult<std::optional<Value>> returned = function->call(*arguments);
    if (!returned) return make_error(std::move(returned).error());
    *result = capi::copy_text(*returned ? print_wave(**returned) : std::string());
    return nullptr;
  });
}

tenon_error* tenon_composition_unit(tenon_composition* composition, const char* name,
                                    tenon_unit** unit) {
  return with(composition, "composition", unit, [&](tenon_composition& of) -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(name, "name")) return misuse;
    return capi::store(of.composition.unit(name), unit,
                       [](Unit found) { return new tenon_unit(std::move(found)); });
  });
}

size_t tenon_composition_unit_count(const tenon_composition* composition) {
  if (composition == nullptr || !composition->is_alive()) return 0;
  return capi::guard_or<size_t>(0, [&] { return composition->composition.units().size(); });
}

tenon_error* tenon_composition_unit_at(tenon_composition* composition, size_t index,
                                       tenon_unit** unit) {
  return with(composition, "composition", unit, [&](tenon_composition& of) {
    return capi::store(pick(of.composition.units(), index, "units"), unit,
                       [](Unit found) { return new tenon_unit(std::move(found)); });
  });
}

int tenon_composition_run_for(tenon_composition* composition, uint64_t nanoseconds) {
  if (composition == nullptr || !composition->is_alive()) return 0;
  return capi::guard_or(
      0, [&] { return composition->composition.run_for(time_of(nanoseconds)) ? 1 : 0; });
}

void tenon_composition_end_deadlock(tenon_composition* composition) {
  if (composition == nullptr || !composition->is_alive()) return;
  capi::guard_or(0, [&] {
    composition->composition.end_deadlock();
    return 0;
  });
}

void tenon_composition_interrupt(tenon_composition* composition) {
  if (composition != nullptr && composition->is_alive()) composition->composition.interrupt();
}

tenon_error* tenon_composition_take_drop_failure(tenon_composition* composition) {
  return with(composition, "composition", [&](tenon_composition& of) -> tenon_error* {
    std::optional<CallFailure> failure = of.composition.take_drop_failure();
    return failure ? make_error(*std::move(failure)) : nullptr;
  });
}

tenon_error* tenon_composition_swap(tenon_composition* composition, const char* unit,
                                    const char* path, const tenon_swap_options* options) {
  return with(composition, "composition", [&](tenon_composition& of) -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(unit, "unit")) return misuse;
    if (tenon_error* const misuse = find_misuse(path, "path")) return misuse;
    const Result<void> swapped =
        of.composition.swap(unit, std::string_view(path), make_options(options));
    return swapped ? nullptr : make_error(swapped.error());
  });
}

tenon_error* tenon_composition_swap_bytes(tenon_composition* composition, const char* unit,
                                          const void* bytes, size_t size,
                                          const tenon_swap_options* options) {
  return with(composition, "composition", [&](tenon_composition& of) -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(unit, "unit")) return misuse;
    const std::span component(static_cast<const std::uint8_t*>(bytes), bytes == nullptr ? 0 : size);
    const Result<void> swapped = of.composition.swap(unit, component, make_options(options));
    return swapped ? nullptr : make_error(swapped.error());
  });
}

tenon_error* tenon_composition_serve(tenon_composition* composition, const char* addresses,
                                     int insecure, tenon_server** server) {
  return with(composition, "composition", server, [&](tenon_composition& of) -> tenon_error* {
    if (tenon_error* const misuse = find_misuse(addresses, "addresses")) return misuse;
    ServeOptions options;
    options.listen = capi::split_list(addresses);
    options.insecure = insecure != 0;
    return capi::store(of.composition.serve(options), server,
                       [](Server made) { return new tenon_server(std::move(made)); });
  });
}

const char* tenon_server_address(const tenon_server* server, size_t index) {
  if (server == nullptr || !server->is_alive()) return nullptr;
  const auto addresses = server->server.addresses();
  return index < addresses.size() ? addresses[index].c_str() : nullptr;
}

int tenon_server_run(tenon_server* server, uint64_t drain_milliseconds) {
  if (server == nullptr || !server->is_alive()) return 0;
  const auto drain =
      std::chrono::milliseconds(std::min<std::uint64_t>(drain_milliseconds, INT64_MAX / 1'000'000));
  return capi::guard_or(0, [&] { return server->server.run(drain) ? 1 : 0; });
}

void tenon_server_stop(tenon_server* server) {
  if (server != nullptr && server->is_alive()) server->server.stop();
}

void tenon_server_delete(tenon_server* server) {
  if (server != nullptr && server->is_alive()) delete server;
}

void tenon_unit_delete(tenon_unit* unit) {
  if (unit != nullptr && unit->is_alive()) delete unit;
}

const char* tenon_unit_name(const tenon_unit* unit) {
  return unit != nullptr && unit->is_alive() ? unit->unit.name().c_str() : "";
}

tenon_error* tenon_unit_function(tenon_unit* unit, const char* interface, const char* name,
                                 tenon_function** function) {
  return with(unit, "unit", function,
              [&](tenon_unit& of) { return find_function(of.unit, interface, name, function); });
}

size_t tenon_unit_function_count(const tenon_unit* unit) {
  if (unit == nullptr || !unit->is_alive()) return 0;
  return capi::guard_or<size_t>(0, [&] { return unit->unit.functions().size(); });
}

tenon_error* tenon_unit_function_at(tenon_unit* unit, size_t index, tenon_function** function) {
  return with(unit, "unit", function, [&](tenon_unit& of) {
    return capi::store(pick(of.unit.functions(), index, "functions"), function, make_found);
  });
}
