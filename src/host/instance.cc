#include "host/instance.h"

#include <fmt/core.h>

#include <string_view>
#include <utility>

#include "host/native_call.h"
#include "host/native_stream.h"
#include "host/resource_exchange.h"
#include "support/diagnostics.h"
#include "support/terminal_text.h"

namespace tenon::host {

HostedResource::HostedResource(HostInstance& instance, const NativeResource& def, void* rep)
    : instance_(&instance),
      def_(def),
      rep_(rep),
      place_(instance.resources_.insert(instance.resources_.end(), this)) {}

HostedResource::~HostedResource() {
  if (instance_ != nullptr) instance_->drop(*this);
}

void HostedResource::release() {
  if (instance_ != nullptr) instance_->resources_.erase(place_);
  instance_ = nullptr;
}

HostInstance::HostInstance(std::string name, std::shared_ptr<Library> library, ModuleTable table,
                           tenon_config config)
    : name_(std::move(name)),
      library_(std::move(library)),
      table_(std::move(table)),
      config_(std::move(config)) {
  switch (table_.module().threading) {
    case TENON_CONCURRENT:
      break;
    case TENON_SERIAL_INSTANCE:
      calls_ = &own_calls_;
      break;
    default:
      calls_ = &library_->calls();
  }
}

Result<std::shared_ptr<HostInstance>> HostInstance::create(std::string name,
                                                           std::shared_ptr<Library> library,
                                                           ModuleTable table, tenon_config config) {
  std::shared_ptr<HostInstance> instance(
      new HostInstance(std::move(name), std::move(library), std::move(table), std::move(config)));
  const auto create = instance->table_.module().create;
  if (create != nullptr) {
    tenon_call call;
    const auto entered = instance->enter(std::nullopt);
    const std::int32_t code = create(&host_api(), &instance->config_, &call, &instance->self_);
    if (code != 0 || call.trap) {
      Diagnostic problem = make_diagnostic(
          Code::HostCreate, "the host `{}` cannot start: {}", instance->name_,
          call.trap ? sanitize_text(*call.trap) : fmt::format("`create` returned {}", code));
      problem.where.file = instance->library_->path();
      problem.hints.emplace_back(
          "check its configuration: `[config]` of its host.toml, and what you set",
          HintWays{.program = "`set_host_config`",
                   .command = fmt::format("--host-set {}.KEY=VALUE", instance->name_),
                   .manifest = {}});
      return problem;
    }
  }
  instance->table_.set_self(instance->self_);
  instance->is_made_ = true;
  return instance;
}

HostInstance::~HostInstance() {
  NativeStream::end_all(*this);
  while (!resources_.empty()) drop(*resources_.back());
  if (const auto destroy = table_.module().destroy; is_made_ && destroy != nullptr) {
    const auto entered = enter(std::nullopt);
    destroy(self_);
  }
  Completion::forget_all(*this);
}

void HostInstance::report(const std::string& mistake) {
  host_api().log(0, name_.c_str(), mistake.c_str());
}

std::optional<std::unique_lock<std::timed_mutex>> HostInstance::enter(
    const std::optional<std::chrono::steady_clock::time_point>& deadline) {
  if (calls_ == nullptr) return std::unique_lock<std::timed_mutex>();
  if (!deadline) return std::unique_lock(*calls_);
  std::unique_lock lock(*calls_, *deadline);
  if (!lock.owns_lock()) return std::nullopt;
  return lock;
}

NativeEnd HostInstance::call(const NativeFunction& function, tenon_call& call,
                             std::span<const tenon_value> arguments, tenon_value& result) {
  const auto entered = enter(call.deadline);
  if (!entered) return {NativeEnd::Kind::WaitedTooLong};
  std::int32_t code = 0;
  try {
    code = function.fn(function.self, &call, arguments.data(), arguments.size(), &result);
  } catch (...) {
    // Native code must not throw. An exception must not unwind through the engine's frames below.
    return {NativeEnd::Kind::Trapped, "it threw a C++ exception"};
  }
  if (code == 0 && !call.trap) return {};
  return {NativeEnd::Kind::Trapped,
          call.trap ? *call.trap : fmt::format("it returned {} without a message", code)};
}

const NativeResource& HostInstance::resource_of(const runtime::ResourceKind& kind) const {
  // "tenon:duckdb/sql@0.1.0.connection"
  const std::string_view name(kind.name);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return table_.resource("", name);
  const std::string_view interface = name.substr(0, dot);
  return table_.resource(interface.substr(0, interface.find('@')), name.substr(dot + 1));
}

void HostInstance::end_operation(tenon_stream_done done, void* data, const tenon_value* items,
                                 std::size_t count, std::int32_t state) {
  const auto entered = enter(std::nullopt);
  done(data, items, count, state);
}

std::unique_ptr<RepExchange> HostInstance::exchange(const call::FunctionShape& item,
                                                    runtime::Shared& shared,
                                                    runtime::Transit& transit) {
  return std::make_unique<ResourceExchange>(item, *this, shared, transit);
}

void HostInstance::cancel(Completion::OnCancel on_cancel, void* self, tenon_completion completion) {
  const auto entered = enter(std::nullopt);
  on_cancel(self, completion);
}

void HostInstance::drop(HostedResource& resource) {
  resources_.erase(resource.place_);
  resource.instance_ = nullptr;
  drop(resource.rep_, resource.def_);
}

void HostInstance::drop(void* rep, const NativeResource& def) {
  if (def.drop == nullptr) return;
  const auto entered = enter(std::nullopt);
  def.drop(def.self, rep);
}

}  // namespace tenon::host
