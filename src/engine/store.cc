#include "engine/store.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <utility>

#include "engine/seam.h"
#include "support/descriptor.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

// Maximum size of a stream of `Stdio::Capture`.
constexpr std::size_t kCaptureBytes = std::size_t{16} << 20;

std::int64_t to_limit(const std::optional<std::uint64_t>& limit) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return limit && *limit <= kMax ? static_cast<std::int64_t>(*limit) : -1;
}

// Opens a folder at an absolute path in which nothing may be a link, or returns the reason for failure.
Result<Descriptor, std::string> open_folder(const std::filesystem::path& path) {
  constexpr int kHow = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Descriptor folder(::open("/", kHow));
  for (const std::filesystem::path& name : path.relative_path()) {
    Descriptor next(::openat(folder.number(), name.c_str(), kHow));
    if (!next.is_open()) {
      const int error = errno;
      struct stat status = {};
      if (::fstatat(folder.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
          S_ISLNK(status.st_mode))
        return fmt::format("`{}` has become a symbolic link", name.string());
      return describe_error(error);
    }
    folder = std::move(next);
  }
  return folder;
}

// Adds grants to a WASI context, and collects a problem for each grant that fails.
class Granter final {
 public:
  Granter() : wasi_(tnengine_wasi_new()) {}

  void add_arg(const std::string& arg) {
    const tnengine_slice_t slice = to_slice(arg);
    note(tnengine_wasi_add_arg(wasi_.get(), &slice), "argument", arg, "remove it");
  }

  void add_variable(const EnvironmentVariable& variable) {
    const tnengine_slice_t name = to_slice(variable.name);
    const tnengine_slice_t value = to_slice(variable.value);
    note(tnengine_wasi_add_env(wasi_.get(), &name, &value), "environment variable", variable.name,
         "remove it");
  }

  void add_directory(const DirectoryGrant& grant) {
    if (grant.resolved.empty()) return add_directory(grant, grant.host.native());
    const Result<Descriptor, std::string> folder = open_folder(grant.resolved);
    if (folder)
      add_directory(grant, fmt::format("/proc/self/fd/{}", folder->number()));
    else
      add_problem("directory", grant.host.string(), folder.error(), kNameFolder);
  }

  void allow_network(const NetworkGrant& grant) {
    const tnengine_slice_t host = to_slice(grant.host);
    const std::uint16_t port = grant.port.value_or(0);
    note(tnengine_wasi_allow_network(wasi_.get(), &host, port, !grant.port), "network address",
         grant.host, "name a host that can be resolved, or an address such as 127.0.0.1:8080");
  }

  void watch(const Denials& denials) {
    tnengine_wasi_watch(wasi_.get(), denials.impl().handle.get());
  }

  CaptureHandle open_stdio(Stdio stdio, const OutputLabel* label) {
    switch (stdio) {
      case Stdio::None:
        return nullptr;
      case Stdio::Inherit:
        tnengine_wasi_inherit_stdin(wasi_.get());
        [[fallthrough]];
      case Stdio::Output:
        if (label == nullptr)
          tnengine_wasi_inherit_output(wasi_.get());
        else
          tnengine_wasi_label_output(wasi_.get(), label->impl().handle.get());
        return nullptr;
      case Stdio::Capture:
        return CaptureHandle(tnengine_wasi_capture_stdio(wasi_.get(), kCaptureBytes));
    }
    return nullptr;
  }

  Result<WasiHandle> finish() && {
    if (!problems_.empty()) return std::move(problems_);
    return std::move(wasi_);
  }

 private:
  static constexpr std::string_view kNameFolder =
      "name an existing folder that you can open; relative paths start at the current folder";

  void add_directory(const DirectoryGrant& grant, const std::string& path) {
    const tnengine_slice_t host = to_slice(path);
    const tnengine_slice_t guest = to_slice(grant.guest);
    note(tnengine_wasi_add_directory(wasi_.get(), &host, &guest,
                                     grant.access == DirectoryAccess::ReadWrite),
         "directory", grant.host.string(), kNameFolder);
  }

  void note(wasmtime_error_t* error, std::string_view kind, std::string_view name,
            std::string_view hint) {
    if (error != nullptr) add_problem(kind, name, take_failure(error).message, hint);
  }

  void add_problem(std::string_view kind, std::string_view name, std::string_view reason,
                   std::string_view hint) {
    problems_.push_back(
        make_diagnostic(Code::RunGrant, "the {} `{}` cannot be granted: {}", kind, name, reason));
    problems_.back().hints.emplace_back(hint);
  }

  WasiHandle wasi_;
  Diagnostics problems_;
};

Result<void> set_limits(wasmtime_store_t* store, const StoreLimits& limits) {
  if (limits.memory_bytes) {
    constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
    const tnengine_limits_t all = {.memory_bytes = *limits.memory_bytes,
                                   .table_elements = limits.table_elements.value_or(kNone),
                                   .instances = limits.instances.value_or(kNone),
                                   .tables = limits.tables.value_or(kNone),
                                   .memories = limits.memories.value_or(kNone)};
    if (wasmtime_error_t* error = tnengine_store_limit(store, &all))
      return take_error(Code::RunEngine, "the memory limit cannot be set", error);
    return {};
  }
  // Without a limit on the sum of memories, the engine's own limiter is enough; it allocates
  // nothing.
  wasmtime_store_limiter(store, -1, to_limit(limits.table_elements), to_limit(limits.instances),
                         to_limit(limits.tables), to_limit(limits.memories));
  return {};
}

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open_bare(const Engine& engine, const StoreLimits& limits) {
  const bool metered = engine.config().metering == Metering::Yes;
  if (limits.fuel && !metered) {
    return make_diagnostic(Code::RunEngine, "a limit on fuel needs a metered engine");
  }
  auto impl = std::make_unique<Impl>();
  impl->config = engine.config();
  impl->store.reset(wasmtime_store_new(engine.impl().handle.get(), nullptr, nullptr));
  impl->context = wasmtime_store_context(impl->store.get());
  TENON_TRY_VOID(set_limits(impl->store.get(), limits));
  if (metered) {
    const std::uint64_t fuel = limits.fuel.value_or(std::numeric_limits<std::uint64_t>::max());
    if (wasmtime_error_t* error = wasmtime_context_set_fuel(impl->context, fuel)) {
      return take_error(Code::RunEngine, "the fuel limit cannot be set", error);
    }
  }
  return Store(std::move(impl));
}

Result<Store> Store::open(const Engine& engine, const Grants& grants, const StoreLimits& limits) {
  TENON_TRY(Store store, open_bare(engine, limits));
  Granter granter;
  for (const std::string& arg : grants.args) granter.add_arg(arg);
  for (const EnvironmentVariable& variable : grants.environment) granter.add_variable(variable);
  for (const DirectoryGrant& directory : grants.directories) granter.add_directory(directory);
  for (const NetworkGrant& address : grants.network) granter.allow_network(address);
  if (grants.denials) granter.watch(*grants.denials);
  store.impl().capture = granter.open_stdio(grants.stdio, grants.label.get());
  TENON_TRY(WasiHandle wasi, std::move(granter).finish());
  if (wasmtime_error_t* error = tnengine_context_set_wasi(store.impl().context, wasi.release())) {
    return take_error(Code::RunEngine, "WASI cannot be set up", error);
  }
  if (grants.has_http) {
    const auto* const client =
        grants.http_client ? grants.http_client->impl().handle.get() : nullptr;
    if (wasmtime_error_t* error = tnengine_context_set_http(store.impl().context, client))
      return take_error(Code::RunEngine, "wasi:http cannot be set up", error);
  }
  store.impl().wasi.reset(tnengine_wasi_table_new(store.impl().context));
  return store;
}

void Store::ask_at_interruptions(std::function<bool()> goes_on) {
  impl_->goes_on = std::move(goes_on);
  impl_->interrupts = {.goes_on = [](void* env) { return static_cast<Impl*>(env)->goes_on(); },
                       .env = impl_.get()};
  tnengine_store_ask_at_interruptions(impl_->store.get(), &impl_->interrupts);
}

void Store::break_off() {
  if (impl_->wasi != nullptr) tnengine_wasi_table_break_off(impl_->wasi.get());
}

std::optional<std::uint64_t> Store::fuel() const {
  if (impl_->config.metering == Metering::No) return std::nullopt;
  std::uint64_t left = 0;
  if (wasmtime_error_t* error = wasmtime_context_get_fuel(impl_->context, &left)) {
    wasmtime_error_delete(error);
    return std::nullopt;
  }
  return left;
}

std::string Store::captured_stdout() const {
  if (!impl_->capture) return {};
  OwnedBytes out;
  OwnedBytes err;
  tnengine_capture_read(impl_->capture.get(), out.out(), err.out());
  return out.to_string();
}

std::string Store::captured_stderr() const {
  if (!impl_->capture) return {};
  OwnedBytes out;
  OwnedBytes err;
  tnengine_capture_read(impl_->capture.get(), out.out(), err.out());
  return err.to_string();
}

OutputLabel::OutputLabel() : impl_(new Impl{LabelHandle(tnengine_label_new())}) {}
OutputLabel::~OutputLabel() = default;

void OutputLabel::set(std::string_view text) const {
  const tnengine_slice_t slice = to_slice(text);
  tnengine_label_set(impl_->handle.get(), &slice);
}

Denials::Denials() : impl_(new Impl{DenialsHandle(tnengine_denials_new())}) {}
Denials::~Denials() = default;

bool Denials::environment() const { return has(TNENGINE_DENIED_ENVIRONMENT); }
bool Denials::file_system() const { return has(TNENGINE_DENIED_FILE_SYSTEM); }
bool Denials::network() const { return has(TNENGINE_DENIED_NETWORK); }
bool Denials::output() const { return has(TNENGINE_DENIED_OUTPUT); }

void Denials::add_request(DeniedRequest request) const {
  constexpr std::size_t kMost = 8;
  const std::lock_guard lock(mutex_);
  if (requests_.size() < kMost && std::ranges::find(requests_, request) == requests_.end())
    requests_.push_back(std::move(request));
}

std::vector<DeniedRequest> Denials::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

bool Denials::has(unsigned kind) const {
  return (tnengine_denials_asked(impl_->handle.get()) & kind) != 0;
}

}  // namespace tenon::engine
