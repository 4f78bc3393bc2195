// One instance of a host bundle: a library with a configuration, and the resources that it created.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "host/completion.h"
#include "host/library.h"
#include "host/module_table.h"
#include "host/native_call.h"
#include "host/native_home.h"
#include "runtime/resource_table.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

class HostInstance;

// A resource that native code created and returned. Its last owner destroys it.
class HostedResource final : public runtime::OutsideResource {
 public:
  // Lifetime: any. The resource unregisters itself from the instance, and an instance that ends
  // first drops its resources.
  HostedResource(HostInstance& instance, const NativeResource& def, void* rep);
  HostedResource(const HostedResource&) = delete;
  HostedResource& operator=(const HostedResource&) = delete;
  ~HostedResource() override;

  [[nodiscard]] void* rep() const { return rep_; }
  // Native code owns it again, and then destroys it.
  void release();

 private:
  friend class HostInstance;

  HostInstance* instance_;  // null once it is dropped or released
  const NativeResource& def_;
  void* rep_;
  std::list<HostedResource*>::iterator place_;
};

// How a call of native code ended.
struct NativeEnd {
  enum class Kind {
    Returned,
    Trapped,
    // Other calls held the library until the deadline; the function was not called.
    WaitedTooLong,
  };
  Kind kind = Kind::Returned;
  std::string text = {};  // the message of a trap
};

// Thread: only the thread of the composition makes calls. Native code can use threads of its own.
class HostInstance final : public NativeHome {
 public:
  // name: that of the unit. Errors: host-create.
  [[nodiscard]] static Result<std::shared_ptr<HostInstance>> create(
      std::string name, std::shared_ptr<Library> library, ModuleTable table, tenon_config config);
  // Drops the remaining resources, youngest first, and then destroys the instance.
  ~HostInstance();

  [[nodiscard]] const std::string& name() const { return name_; }
  // In the log.
  void report(const std::string& mistake) override;
  [[nodiscard]] const ModuleTable& table() const { return table_; }

  // Calls a function. call: with its deadline. result: zeroed by the caller.
  [[nodiscard]] NativeEnd call(const NativeFunction& function, tenon_call& call,
                               std::span<const tenon_value> arguments, tenon_value& result);
  // The native resource of a kind that the library makes. Needs no memory.
  [[nodiscard]] const NativeResource& resource_of(const runtime::ResourceKind& kind) const;
  // Lets native code destroy an object of the library.
  void drop(void* rep, const NativeResource& def);
  void cancel(Completion::OnCancel on_cancel, void* self, tenon_completion completion) override;
  void end_operation(tenon_stream_done done, void* data, const tenon_value* items,
                     std::size_t count, std::int32_t state) override;
  [[nodiscard]] std::unique_ptr<RepExchange> exchange(const call::FunctionShape& item,
                                                      runtime::Shared& shared,
                                                      runtime::Transit& transit) override;

 private:
  friend class HostedResource;

  HostInstance(std::string name, std::shared_ptr<Library> library, ModuleTable table,
               tenon_config config);

  // Takes the lock that the library's threading requires. Nothing if the deadline passed first.
  [[nodiscard]] std::optional<std::unique_lock<std::timed_mutex>> enter(
      const std::optional<std::chrono::steady_clock::time_point>& deadline);
  void drop(HostedResource& resource);

  std::string name_;
  std::shared_ptr<Library> library_;
  ModuleTable table_;
  tenon_config config_;  // native code keeps its address
  std::timed_mutex own_calls_;
  std::timed_mutex* calls_ = nullptr;  // null if calls can run concurrently
  void* self_ = nullptr;
  bool is_made_ = false;
  std::list<HostedResource*> resources_;  // oldest first
};

}  // namespace tenon::host
