#include "linker/handle_exchange.h"

#include "linker/link.h"
#include "support/check.h"
#include "support/diagnostics.h"

namespace tenon::linker {

namespace {

using runtime::HeldResource;
using runtime::Holder;
using runtime::ResourceKind;

}  // namespace

ValueHandle make_handle(const std::weak_ptr<Running>& running, const ResourceKind& kind,
                        std::uint64_t number) {
  ValueHandle handle;
  handle.resource = kind.name;
  handle.id = number;
  handle.keep = std::shared_ptr<const void>(static_cast<const void*>(nullptr),
                                            [running, number](const void*) {
                                              if (const auto held = running.lock())
                                                held->shared.program.drop(number);
                                            });
  return handle;
}

Result<abi::ResourceToken> NativeExchange::give(const ValueHandle& handle, abi::HandlePart part) {
  const ResourceKind& wanted = *shape_.result_kinds[part.number];
  if (is_object(wanted)) {
    const abi::ResourceToken token = shared_->resources.add(
        {.kind = &wanted, .holder = {Holder::Who::Call}, .object = handle.keep});
    transit_->add(token);
    return token;
  }
  HeldResource* const held = shared_->program.find(handle.id);
  if (held == nullptr) {
    return make_diagnostic(Code::ValueHandle,
                           "`<{} #{}>` was dropped or given away, or is of another composition",
                           handle.resource, handle.id);
  }
  if (held->kind->number != wanted.number) {
    return make_diagnostic(Code::ValueHandle, "`<{} #{}>` is no `{}`", handle.resource, handle.id,
                           wanted.name);
  }
  if (held->holder.who != Holder::Who::Program) {
    return make_diagnostic(Code::ValueHandle, "`<{} #{}>` is lent for the call: it cannot be given",
                           handle.resource, handle.id);
  }
  // From here it is no value's any more.
  const abi::ResourceToken token = shared_->program.token(handle.id);
  held->holder = {Holder::Who::Call};
  transit_->add(token);
  return token;
}

ValueHandle NativeExchange::take(abi::ResourceToken token, abi::HandlePart part,
                                 const std::string& /*resource*/) {
  const ResourceKind& kind = *shape_.param_kinds[part.number];
  const bool owns = part.ownership == abi::Ownership::Own;
  HeldResource* const held = shared_->resources.find(token);
  TENON_CHECK(held != nullptr);
  if (is_object(kind)) {
    ValueHandle handle;
    handle.resource = kind.name;
    handle.keep = owns ? shared_->resources.take(token).object : held->object;
    return handle;
  }
  if (owns) {
    held->holder = {Holder::Who::Program};
    return make_handle(running_, kind, shared_->program.add(token));
  }
  const std::uint64_t number = shared_->program.lend(token);
  lent_.push_back(number);
  return {kind.name, number, nullptr};
}

void NativeExchange::end() {
  for (const std::uint64_t number : lent_) shared_->program.take_back(number);
  lent_.clear();
}

}  // namespace tenon::linker
