// Translates the handles of calls between guests and the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "call/function_shape.h"
#include "call/value_form.h"
#include "runtime/domain.h"
#include "runtime/posting.h"
#include "runtime/program_stream.h"
#include "runtime/resource_table.h"
#include "tenon/type.h"

namespace tenon::program {

// A handle for a resource that the program holds. The resource is dropped once, with the last copy
// of the handle. number: in runtime::ProgramHandles.
[[nodiscard]] ValueHandle make_handle(const std::weak_ptr<runtime::Owner>& owner,
                                      const runtime::ResourceKind& kind, std::uint64_t number);

// Whether the domain of a handle of the program has ended, or was swapped, since the handle was
// made.
[[nodiscard]] bool is_stale(runtime::Shared& shared, const ValueHandle& handle);

// Takes a readable end of a stream or future from a handle of the program, which keeps it if `receive`
// throws. Errors: value-handle.
using ReceiveStream = void(const std::shared_ptr<runtime::Owner>& owner,
                           const std::shared_ptr<runtime::ReadableEnd>& end);
[[nodiscard]] Result<void> take_stream(const ValueHandle& handle,
                                       const std::function<ReceiveStream>& receive);

// Takes a resource of WASI from a handle of the program. Errors: value-handle.
[[nodiscard]] Result<engine::WasiResource> take_wasi_resource(runtime::Shared& shared,
                                                              const ValueHandle& handle);
// A handle for a resource of WASI, which the program holds.
[[nodiscard]] ValueHandle make_wasi_handle(const std::weak_ptr<runtime::Owner>& owner,
                                           runtime::Shared& shared,
                                           const runtime::ResourceKind& kind,
                                           engine::WasiResource resource);

// A handle of a stream or future that the program makes, to be passed in one call, to a parameter of
// the same type.
[[nodiscard]] ValueHandle make_stream_handle(const Type& type,
                                             std::shared_ptr<runtime::ProgramWriter> writer);
// The same for a C++ type, which was compared with the WIT when the function was looked up.
[[nodiscard]] ValueHandle make_stream_handle(std::string name,
                                             std::shared_ptr<runtime::ProgramWriter> writer);

// How a function of the program refers to resources that the program makes.
enum class HandlesAre : std::uint8_t {
  Objects,  // as C++ objects
  Numbers,  // like resources of guests: by numbers in values
};

// The handles in calls of one function by the program. Until a call ends, the resources that it
// passes cannot be passed or dropped by others. Thread: that of the composition.
class ProgramExchange final : public call::HandleExchange {
 public:
  // Lifetime: `shape` must outlive it.
  ProgramExchange(std::weak_ptr<runtime::Owner> owner, const call::FunctionShape& shape,
                  HandlesAre handles)
      : owner_(std::move(owner)), shape_(shape), handles_(handles) {}
  ProgramExchange(const ProgramExchange&) = delete;
  ProgramExchange& operator=(const ProgramExchange&) = delete;
  ~ProgramExchange() { end({}); }

  Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart part) override;
  ValueHandle take(abi::ResourceToken token, abi::HandlePart part) override;

  // The scope of a call that can pass objects, or is one of several; a nested call has its own. At
  // its end, objects that it passed as borrows, or that the callee did not take, are dropped.
  void begin_call();
  void end_call();

 private:
  // The position at which the numbers of a call begin.
  struct Begin {
    std::size_t objects = 0;
    std::size_t passed = 0;
    std::size_t passed_elsewhere = 0;
  };
  // A borrow of a resource of another composition.
  struct PassElsewhere {
    std::weak_ptr<runtime::Owner> owner;
    runtime::Posting end;  // empty: it has not begun
  };
  // Ends everything that was passed since then.
  void end(const Begin& begin);
  // Returns the number by which a call knows an object.
  [[nodiscard]] std::uint64_t add_object(runtime::Shared& shared, const runtime::ResourceKind& kind,
                                         runtime::ResourceObject object);
  // Passes a resource that the program holds in another composition.
  [[nodiscard]] Result<abi::ResourceToken> give_from(runtime::Shared& shared,
                                                     const std::shared_ptr<runtime::Owner>& from,
                                                     const ValueHandle& handle,
                                                     abi::HandlePart part);
  // Ends the passes of the numbers in `passed_` from `first` on.
  void end_passes(std::size_t first);
  void end_passes_elsewhere(std::size_t first);

  std::weak_ptr<runtime::Owner> owner_;
  const call::FunctionShape& shape_;
  HandlesAre handles_;
  // The handles among the arguments of this call. An own handle can be passed only once, and not as
  // a borrow as well.
  std::unordered_map<std::uint64_t, abi::Ownership> arguments_;
  // Numbers; those of the innermost call are last.
  std::vector<std::uint64_t> objects_;
  std::vector<std::uint64_t> passed_;
  std::vector<PassElsewhere> passed_elsewhere_;
  std::vector<Begin> begins_;
};

// The handles in calls of one function of the program by guests. Thread: that of the composition.
class NativeExchange final : public call::HandleExchange {
 public:
  // Lifetime: refers to `shape`.
  NativeExchange(std::weak_ptr<runtime::Owner> owner, const call::FunctionShape& shape,
                 HandlesAre handles);

  // The scope of one call. At its end, borrowed handles become invalid.
  class Call final {
   public:
    Call(NativeExchange& exchange, runtime::Shared& shared, runtime::Transit& transit)
        : exchange_(exchange) {
      exchange_.shared_ = &shared;
      exchange_.transit_ = &transit;
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() { exchange_.end(); }

   private:
    NativeExchange& exchange_;
  };

  Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart part) override;
  ValueHandle take(abi::ResourceToken token, abi::HandlePart part) override;

 private:
  void end();

  std::weak_ptr<runtime::Owner> owner_;
  const call::FunctionShape& shape_;
  HandlesAre handles_;
  ValueHandle borrowed_;                 // every borrowed handle, but for its name and its number
  runtime::Shared* shared_ = nullptr;    // of the call
  runtime::Transit* transit_ = nullptr;  // of the call
  std::vector<std::uint64_t> numbers_;   // of borrowed handles
};

}  // namespace tenon::program
