// One instance of a host bundle: its library with a configuration, and the resources that it made.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "host/library.h"
#include "host/module_table.h"
#include "host/native_call.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

class HostInstance;

// A resource that native code made and gave away: what its last owner destroys.
class HostedResource final {
 public:
  // Lifetime: the instance is told when it goes, and tells when it goes itself.
  HostedResource(HostInstance& instance, const NativeResource& def, void* rep);
  HostedResource(const HostedResource&) = delete;
  HostedResource& operator=(const HostedResource&) = delete;
  ~HostedResource();

  [[nodiscard]] void* rep() const { return rep_; }
  // It belongs to native code again, which destroys it.
  [[nodiscard]] void* release();

 private:
  friend class HostInstance;

  HostInstance* instance_;  // null: it is dropped, or released
  const NativeResource& def_;
  void* rep_;
  std::list<HostedResource*>::iterator place_;
};

// How a call of native code ended.
struct NativeEnd {
  enum class Kind {
    Returned,
    Trapped,
    // Others had the library until the deadline: it was not called.
    WaitedTooLong,
  };
  Kind kind = Kind::Returned;
  std::string text = {};  // of a trap
};

// Thread: one at a time makes calls, that of the composition; what native code does is its own
// matter.
class HostInstance final {
 public:
  // name: of the unit. Errors: host-create.
  [[nodiscard]] static Result<std::shared_ptr<HostInstance>> create(
      std::string name, std::shared_ptr<Library> library, ModuleTable table, tenon_config config);
  HostInstance(const HostInstance&) = delete;
  HostInstance& operator=(const HostInstance&) = delete;
  // Drops what is left, youngest first, then the instance.
  ~HostInstance();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const ModuleTable& table() const { return table_; }

  // call: its deadline is set. result: zeroed.
  [[nodiscard]] NativeEnd call(const NativeFunction& function, tenon_call& call,
                               std::span<const tenon_value> arguments, tenon_value& result);

 private:
  friend class HostedResource;

  HostInstance(std::string name, std::shared_ptr<Library> library, ModuleTable table,
               tenon_config config);

  // As its threading says; not locked: there was no time.
  [[nodiscard]] std::optional<std::unique_lock<std::timed_mutex>> enter(
      const std::optional<std::chrono::steady_clock::time_point>& deadline);
  void drop(HostedResource& resource);

  std::string name_;
  std::shared_ptr<Library> library_;
  ModuleTable table_;
  tenon_config config_;  // native code has its address
  std::timed_mutex own_calls_;
  std::timed_mutex* calls_ = nullptr;  // null: any number at a time
  void* self_ = nullptr;
  bool is_made_ = false;
  std::list<HostedResource*> resources_;  // oldest first
};

}  // namespace tenon::host
