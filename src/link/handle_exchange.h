// What the handles of a call mean to the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "call/function_shape.h"
#include "call/value_form.h"
#include "runtime/domain.h"
#include "runtime/handle_side.h"

namespace tenon::link {

struct Running;

// A handle by which the program drops a resource that it holds: once, whatever copies there are.
// number: of runtime::ProgramHandles.
[[nodiscard]] ValueHandle make_handle(const std::weak_ptr<Running>& running,
                                      const runtime::ResourceKind& kind, std::uint64_t number);

// Whether the domain that a handle of the program is of ended, or was swapped, since it was made.
[[nodiscard]] bool is_stale(runtime::Shared& shared, const ValueHandle& handle);

// How a function of the program knows the resources that the program makes.
enum class HandlesAre : std::uint8_t {
  Objects,  // as C++ objects
  Numbers,  // as those of guests: by numbers of values
};

// Of the calls of one function by the program. Until a call ends, nobody else gives or drops what
// it passes. Thread: that of the composition.
class ProgramExchange final : public call::HandleExchange {
 public:
  // Lifetime: refers to `shape`.
  ProgramExchange(std::weak_ptr<Running> running, const call::FunctionShape& shape,
                  HandlesAre handles)
      : running_(std::move(running)), shape_(shape), handles_(handles) {}
  ProgramExchange(const ProgramExchange&) = delete;
  ProgramExchange& operator=(const ProgramExchange&) = delete;
  ~ProgramExchange() { end_passes(0); }

  Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart part) override;
  ValueHandle take(abi::ResourceToken token, abi::HandlePart part,
                   const std::string& resource) override;

  // Around a call that may pass objects, or is one of several; one that is made inside of it has
  // its own. At its end, those that it lent, or that nobody took, are dropped.
  void begin_call();
  void end_call();

 private:
  // By what number a call knows an object.
  [[nodiscard]] std::uint64_t add_object(Running& running, const runtime::ResourceKind& kind,
                                         const ValueHandle& handle);
  // Of the numbers in `passed_` from there on.
  void end_passes(std::size_t first);

  std::weak_ptr<Running> running_;
  const call::FunctionShape& shape_;
  HandlesAre handles_;
  // What this call is given: an own one once, and not lent as well.
  std::unordered_map<std::uint64_t, abi::Ownership> given_;
  // Numbers, of the innermost call last.
  std::vector<std::uint64_t> objects_;
  std::vector<std::uint64_t> passed_;
  // Where those of a call begin.
  struct Begin {
    std::size_t objects = 0;
    std::size_t passed = 0;
  };
  std::vector<Begin> begins_;
};

// Of one function that guests call. Thread: that of the composition.
class NativeExchange final : public call::HandleExchange {
 public:
  // Lifetime: refers to `shape`.
  NativeExchange(std::weak_ptr<Running> running, const call::FunctionShape& shape,
                 HandlesAre handles);

  // While one lives, handles are of that call: at its end, what was lent is taken back.
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
  ValueHandle take(abi::ResourceToken token, abi::HandlePart part,
                   const std::string& resource) override;

 private:
  void end();

  std::weak_ptr<Running> running_;
  const call::FunctionShape& shape_;
  HandlesAre handles_;
  std::shared_ptr<const void> lent_keep_;  // of every handle that is lent
  runtime::Shared* shared_ = nullptr;      // of the call
  runtime::Transit* transit_ = nullptr;    // of the call
  std::vector<std::uint64_t> lent_;        // numbers
};

}  // namespace tenon::link
