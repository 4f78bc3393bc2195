#include "capi/program_home.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "host/completion.h"
#include "host/native_stream.h"
#include "host/resource_exchange.h"
#include "program/handle_exchange.h"
#include "runtime/channel.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::capi {

namespace {

// The handles of items, which are not resources (has_resources).
class ItemExchange final : public host::StreamExchange {
 public:
  using StreamExchange::StreamExchange;

  void* take(abi::ResourceToken /*token*/, abi::HandlePart /*part*/) override { fail(); }
  abi::ResourceToken give(void* /*rep*/, abi::HandlePart /*part*/) override { fail(); }
  void drop(void* /*rep*/, abi::HandlePart /*part*/) override { fail(); }

 private:
  [[noreturn]] static void fail() {
    TENON_CHECK(false);
    std::abort();
  }
};

}  // namespace

ProgramHome& ProgramHome::of(runtime::Shared& shared) {
  if (shared.program_part == nullptr) shared.program_part = std::make_unique<ProgramHome>();
  return static_cast<ProgramHome&>(*shared.program_part);  // nobody else makes one
}

ProgramHome::~ProgramHome() {
  host::NativeStream::end_all(*this);
  host::Completion::forget_all(*this);
}

void ProgramHome::cancel(void (*on_cancel)(void* self, tenon_completion completion), void* self,
                         tenon_completion completion) {
  on_cancel(self, completion);
}

void ProgramHome::end_operation(tenon_stream_done done, void* data, const tenon_value* items,
                                std::size_t count, std::int32_t state) {
  done(data, items, count, state);
}

std::unique_ptr<host::RepExchange> ProgramHome::exchange(const call::FunctionShape& item,
                                                         runtime::Shared& shared,
                                                         runtime::Transit& transit) {
  return std::make_unique<ItemExchange>(item, *this, shared, transit);
}

bool has_resources(const runtime::StreamKind& kind) {
  return kind.item != nullptr &&
         std::ranges::any_of(kind.item->param_kinds, [](const runtime::ResourceKind* item) {
           return item->stream == nullptr || has_resources(*item->stream);
         });
}

tenon_stream take_stream(const ValueHandle& handle) {
  tenon_stream stream = 0;
  (void)program::take_stream(handle, [&](const auto& owner, const auto& end) {
    runtime::Shared& shared = owner->get_shared();
    stream = host::NativeStream::receive(end, ProgramHome::of(shared), shared);
  });
  return stream;
}

Result<ValueHandle> give_stream(tenon_stream stream, const runtime::ResourceKind& kind,
                                const std::weak_ptr<runtime::Owner>& owner) {
  const std::shared_ptr<runtime::Owner> kept = owner.lock();
  if (kept == nullptr)
    return make_diagnostic(Code::ValueHandle, "the composition of the call was deleted");
  runtime::Shared& shared = kept->get_shared();
  std::shared_ptr<runtime::ReadableEnd> end =
      host::NativeStream::pass(stream, *kind.stream, ProgramHome::of(shared), shared);
  if (end == nullptr)
    return make_diagnostic(
        Code::ValueHandle,
        "the stream {} cannot be passed as `{}`: it was passed before, has other "
        "items, or belongs to another composition",
        stream, kind.name);
  const abi::ResourceToken token = shared.resources.add(
      {.kind = &kind, .holder = {runtime::Holder::Who::Program}, .object = std::move(end)});
  return program::make_handle(owner, kind, shared.program.add(token));
}

}  // namespace tenon::capi
