// The order is that of docs/host-process.md: limits, the bundle's files, the filter for loading, the bundle's
// variables, the library with its initializers, the filter for running, the instance, calls.
#include "process/serve_bundle.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "host/bundle_function.h"
#include "host/bundle_unit.h"
#include "host/bundle_world.h"
#include "host/process_env.h"
#include "process/sandbox.h"
#include "process/setup.h"
#include "process/warden.h"
#include "remote/handle_blob.h"
#include "remote/reactor.h"
#include "remote/server.h"
#include "runtime/shape_maker.h"
#include "runtime/shared.h"
#include "support/at_end.h"
#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/limits.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/hash_function.h"
#include "types/uses.h"

namespace tenon::process {

namespace {

// The limits of this process are those of the system: its only client is the program that started it.
remote::ServerLimits make_server_limits() {
  constexpr std::chrono::hours kForever{24 * 365};
  constexpr std::size_t kMost = 1 << 20;
  return {.connections = kMost,
          .calls = kMost,
          .memory = SIZE_MAX / 2,
          .header_time = kForever,
          .params_time = kForever,
          .linger_time = kForever,
          .describe = [](const CallFailure& failure) { return failure.message; },
          .ends_late_calls = true,
          .lease = kForever};
}

// A function of the bundle. The warden watches its calls.
class WatchedFunction final : public call::Callee {
 public:
  WatchedFunction(Warden& warden, std::string name, std::unique_ptr<call::Callee> function)
      : warden_(warden), name_(std::move(name)), function_(std::move(function)) {}

  void start(call::Call& call) override {
    std::optional<call::Clock::time_point> deadline;
    if (call.bounds() != nullptr && call.bounds()->deadline) deadline = call.bounds()->deadline->at;
    warden_.enter(name_, deadline);
    const AtEnd leave([this] { warden_.leave(); });
    function_->start(call);
  }

 private:
  Warden& warden_;
  const std::string name_;
  const std::unique_ptr<call::Callee> function_;
};

// The resource types of a bundle. Their names are those of HostInstance::resource_of.
class Kinds final {
 public:
  Kinds(const types::ComponentType& type, const types::Types& types) : types_(types) {
    for (const types::RootItem& item : type.exports)
      for (const types::Slot& slot : types::resource_slots(types, item.name, item.item))
        if (slot.path.ends_with(types.resources[slot.resource].name))
          names_.try_emplace(slot.resource, slot.path);
  }

  [[nodiscard]] const runtime::ResourceKind& find(types::ResourceId resource) {
    const auto [kind, is_new] = kinds_.try_emplace(resource);
    if (is_new) {
      const auto name = names_.find(resource);
      kind->second.name =
          name != names_.end() ? name->second : std::string(types_.resources[resource].name);
      kind->second.number = static_cast<std::uint32_t>(kinds_.size());
      kind->second.is_hosted = true;
    }
    return kind->second;
  }

 private:
  const types::Types& types_;
  std::map<types::ResourceId, std::string> names_;
  std::map<types::ResourceId, runtime::ResourceKind> kinds_;
};

// Makes what the server calls.
class FunctionMaker final {
 public:
  FunctionMaker(std::shared_ptr<host::HostInstance> instance, runtime::ShapeMaker& shapes,
                runtime::Shared& shared, Warden& warden)
      : instance_(std::move(instance)), shapes_(shapes), shared_(shared), warden_(warden) {}

  Result<std::vector<remote::ServedFunction>> make(const types::ComponentType& type) {
    const types::Types& types = shapes_.types();
    for (const types::RootItem& item : type.exports) {
      if (const auto* const function = std::get_if<types::FunctionId>(&item.item))
        TENON_TRY_VOID(add(item, {}, *function));
      const auto* const instance = std::get_if<types::InstanceId>(&item.item);
      if (instance == nullptr) continue;
      for (const types::NamedItem& exported : types.instances[*instance].exports)
        if (const auto* const function = std::get_if<types::FunctionId>(&exported.item))
          TENON_TRY_VOID(add(item, exported.name, *function));
    }
    return std::move(functions_);
  }

 private:
  // function: empty: the item is one.
  Result<void> add(const types::RootItem& item, const std::string& function, types::FunctionId id) {
    const bool is_bare = function.empty();
    const std::string name = is_bare ? item.name : item.name + "#" + function;
    TENON_TRY(auto shape, shapes_.shape_of(id));
    const host::ModuleTable& table = instance_->table();
    auto callee = std::make_unique<host::BundleFunction>(
        host::BundleFunctionParts{
            .shape = shape,
            .instance = instance_,
            .function = is_bare ? &table.function("", item.name)
                                : &table.function(host::table_name(item.name), function),
            .name = name},
        shared_);
    functions_.push_back(
        {.instance = is_bare ? std::string() : item.name,
         .implements = item.implements ? std::string(*item.implements) : std::string(),
         .function = is_bare ? item.name : function,
         .name = name,
         .shape = std::move(shape),
         .callee = std::make_unique<WatchedFunction>(warden_, name, std::move(callee)),
         .type_digest = types::hash_function(shapes_.types(), id),
         .type = {}});
    return {};
  }

  const std::shared_ptr<host::HostInstance> instance_;
  runtime::ShapeMaker& shapes_;
  runtime::Shared& shared_;
  Warden& warden_;
  std::vector<remote::ServedFunction> functions_;
};

// Sets the variables of the bundle. They are its author's, so the loader of the program, which runs before the
// filter, must not see them. Errors: host-process.
Result<void> set_variables(const host::Bundle& bundle) {
  for (const auto& [name, value] : host::expand_env(bundle.manifest, bundle.config))
    if (::setenv(name.c_str(), value.c_str(), 1) != 0)
      return make_diagnostic(Code::HostProcess, "the environment variable {} cannot be set: {}",
                             name, describe_error(errno));
  return {};
}

// Loads what the C library would otherwise load or read at first use, when files are already out of reach.
void load_early() {
  (void)::dlopen("libgcc_s.so.1", RTLD_NOW);  // for the end of threads
  ::tzset();
}

// Errors: host-process, host-, read-, wit-, type-, run-engine.
Result<void> serve_bundle(const Setup& setup) {
  TENON_TRY_VOID(set_limits(setup.limits));
  runtime::Shared shared;
  const runtime::OwnerLock::Entry entry(*shared.lock);
  TENON_TRY(const std::shared_ptr<remote::Reactor> reactor, remote::Reactor::make());
  TENON_TRY(const remote::Worker worker, remote::Worker::make());
  TENON_TRY_VOID(shared.scheduler.set_reactor(*reactor));
  Warden warden(kControl);
  TENON_TRY_VOID(warden.start());

  const host::BundleRequest request{.name = setup.entry.name,
                                    .path = setup.entry.bundle,
                                    .entry = std::make_shared<const host::HostEntry>(setup.entry)};
  const RealFiles files;
  TENON_TRY(host::Manifest manifest, host::find_manifest_of({}, request, files));
  const auto types = std::make_shared<types::Types>();
  TENON_TRY(host::ReadBundle read, host::read_bundle(std::move(manifest), files, *types));
  host::Bundle& bundle = read.bundle;
  bundle.config = setup.config;
  bundle.library = setup.library;
  bundle.library.described_by = host::list_description(read);

  TENON_TRY_VOID(enter_sandbox(setup.limits, SandboxStage::Loading));
  TENON_TRY_VOID(set_variables(bundle));
  if (!setup.limits.files) load_early();
  warden.watch_descriptors();
  TENON_TRY(host::BoundLibrary bound, host::bind_library(setup.entry.name, bundle));
  TENON_TRY_VOID(enter_sandbox(setup.limits, SandboxStage::Running));
  TENON_TRY(auto instance, host::HostInstance::create(setup.entry.name, std::move(bound.library),
                                                      std::move(bound.table), bundle.config));

  Kinds kinds(read.type, *types);
  runtime::ShapeMaker shapes(
      types, [&kinds](types::ResourceId resource) -> const auto& { return kinds.find(resource); });
  TENON_TRY(auto functions,
            FunctionMaker(std::move(instance), shapes, shared, warden).make(read.type));
  bool has_parent = true;
  {
    remote::Server server(std::move(functions), make_server_limits(), worker, *reactor, shared, {});
    server.take_passed(Descriptor(kControl), [&has_parent] { has_parent = false; });
    const auto is_over = [&] {
      // Functions have run, and destructors of resources.
      warden.check_descriptors();
      return !has_parent;
    };
    (void)shared.scheduler.wait(is_over, nullptr, runtime::Scheduler::OnIdle::Wait);
    warden.note_end();
  }
  shared.scheduler.remove_reactor();
  return {};
}

// Closes what the program did not mark as its own (FD_CLOEXEC).
void close_inherited() {
  constexpr int kFirst = kSetup + 1;
  if (::syscall(SYS_close_range, kFirst, ~0U, 0) == 0) return;
  // Before Linux 5.9.
  const long most = ::sysconf(_SC_OPEN_MAX);
  for (int number = kFirst; number < most; ++number) (void)::close(number);
}

// A terminal is open to read and write. Native code must not read what is typed for the program. If the terminal
// cannot be opened again, what is written to it is lost.
void make_terminal_write_only(int number) {
  if (::isatty(number) == 0) return;
  Descriptor written(
      ::open(fmt::format("/proc/self/fd/{}", number).c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
  if (!written.is_open()) written = Descriptor(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!written.is_open() || ::dup2(written.number(), number) < 0) (void)::close(number);
}

int fail(const std::string& why) {
  send_last_words(kControl, "cannot start: " + why);
  return 1;
}

}  // namespace

bool is_bundle_process(int argc, const char* const* argv) {
  return argc == 2 && std::string_view(argv[0]) == kProgramName;
}

int run_bundle_process() {
  close_inherited();
  Descriptor file(kSetup);
  const auto bytes = read_all(kSetup, limits::kFileBytes);
  if (!bytes || ::fcntl(kControl, F_SETFD, FD_CLOEXEC) != 0) return 64;  // a user has started it
  (void)file.close();
  const Result<Setup, std::string> setup = read_setup(*bytes);
  if (!setup) return fail("its setup cannot be read: " + setup.error());
  if (setup->version != tenon::version())
    return fail(fmt::format("its program is of tenon {}, and the one that starts it of {}",
                            tenon::version(), setup->version));
  for (const int number : {STDOUT_FILENO, STDERR_FILENO}) make_terminal_write_only(number);
  // A closed pipe at standard output is an error of the write, and no end.
  (void)::signal(SIGPIPE, SIG_IGN);
  // If the program ends while this process is stopped, it goes on, and notices that. The same signal at the end of the
  // thread that started it changes nothing.
  (void)::prctl(PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0);
  const Result<void> served = serve_bundle(*setup);
  if (served) return 0;
  const Diagnostic& problem = served.error().front();
  return fail(fmt::format("{} ({})", problem.message, problem.code));
}

}  // namespace tenon::process
