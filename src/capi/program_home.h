// The program as the home of native code (host/native_home.h): its streams, and its calls that end later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "host/native_home.h"
#include "runtime/shared.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"
#include "tenon/value.h"

namespace tenon::capi {

class ProgramHome final : public host::NativeHome, public runtime::ProgramPart {
 public:
  // That of a composition, which is made when it is first asked for.
  [[nodiscard]] static ProgramHome& of(runtime::Shared& shared);
  ~ProgramHome() override;

  // Nothing: a library does not print, and the state of the operation says that it failed.
  void report(const std::string& /*mistake*/) override {}
  void cancel(void (*on_cancel)(void* self, tenon_completion completion), void* self,
              tenon_completion completion) override;
  void end_operation(tenon_stream_done done, void* data, const tenon_value* items,
                     std::size_t count, std::int32_t state) override;
  [[nodiscard]] std::unique_ptr<host::RepExchange> exchange(const call::FunctionShape& item,
                                                            runtime::Shared& shared,
                                                            runtime::Transit& transit) override;
};

// Streams and futures as the program knows them. Thread: that of the composition.

// Whether an item can have resources.
[[nodiscard]] bool has_resources(const runtime::StreamKind& kind);
// The number of an end that the program gets. 0: the composition is ending.
[[nodiscard]] tenon_stream take_stream(const ValueHandle& handle);
// A handle for the readable end of a stream that the program passes. Errors: value-handle.
[[nodiscard]] Result<ValueHandle> give_stream(tenon_stream stream,
                                              const runtime::ResourceKind& kind,
                                              const std::weak_ptr<runtime::Owner>& owner);

}  // namespace tenon::capi
