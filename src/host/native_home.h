// Native code as those know it that call it later: a host bundle, or the program if it is in C.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "tenon/tenon_host.h"

namespace tenon::call {
struct FunctionShape;
}
namespace tenon::runtime {
struct Shared;
class Transit;
}  // namespace tenon::runtime

namespace tenon::host {

class NativeStream;
class RepExchange;

// Thread: that of the composition.
class NativeHome {
 public:
  NativeHome() = default;
  NativeHome(const NativeHome&) = delete;
  NativeHome& operator=(const NativeHome&) = delete;

  // A mistake with a stream, of which native code learns nothing but that it failed.
  virtual void report(const std::string& mistake) = 0;
  // Tells it that nobody waits for a deferred call any more.
  virtual void cancel(void (*on_cancel)(void* self, tenon_completion completion), void* self,
                      tenon_completion completion) = 0;
  // Tells it that an operation of a stream has ended.
  virtual void end_operation(tenon_stream_done done, void* data, const tenon_value* items,
                             std::size_t count, std::int32_t state) = 0;
  // The handles of items of a stream. item: of `func(item: T)`. Lifetime: as long as all of them, and this.
  [[nodiscard]] virtual std::unique_ptr<RepExchange> exchange(const call::FunctionShape& item,
                                                              runtime::Shared& shared,
                                                              runtime::Transit& transit) = 0;

  // The streams that it has an end of, also those that it has closed just now.
  using Streams = std::list<std::shared_ptr<NativeStream>>;
  [[nodiscard]] Streams& streams() { return streams_; }

 protected:
  // A derived class ends its streams first (NativeStream::end_all), and its calls (Completion::forget_all).
  ~NativeHome() = default;

 private:
  Streams streams_;
};

}  // namespace tenon::host
