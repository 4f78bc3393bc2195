// The handles of one call of native code, or of the items of a stream: native code knows resources
// by pointers and streams by numbers, the composition both by tokens.
#pragma once

#include <memory>
#include <utility>

#include "call/function_shape.h"
#include "host/instance.h"
#include "host/native_stream.h"
#include "host/native_values.h"
#include "runtime/domain.h"
#include "runtime/resource_table.h"
#include "support/check.h"

namespace tenon::host {

class ResourceExchange final : public RepExchange {
 public:
  ResourceExchange(const call::FunctionShape& shape, HostInstance& instance,
                   runtime::Shared& shared, runtime::Transit& transit)
      : shape_(shape), instance_(instance), shared_(shared), transit_(transit) {}

  void* take(abi::ResourceToken token, abi::HandlePart part) override {
    runtime::HeldResource* const held = shared_.resources.find(token);
    TENON_CHECK(held != nullptr);
    // Types are checked: only native code of this bundle makes resources of the kind.
    auto& resource = static_cast<HostedResource&>(*held->as<runtime::OutsideResource>());
    if (part.ownership == abi::Ownership::Borrow) return resource.rep();
    const runtime::HeldResource taken = shared_.resources.take(token);
    return resource.release();
  }

  abi::ResourceToken give(void* rep, abi::HandlePart part) override {
    const runtime::ResourceKind& kind = *shape_.result_kinds[part.number];
    return add(kind, std::shared_ptr<runtime::OutsideResource>(std::make_shared<HostedResource>(
                         instance_, instance_.resource_of(kind), rep)));
  }

  tenon_stream take_stream(abi::ResourceToken token, abi::HandlePart /*part*/) override {
    const runtime::HeldResource taken = shared_.resources.take(token);
    return NativeStream::receive(taken.as<runtime::ReadableEnd>(), instance_, shared_);
  }

  abi::ResourceToken give_stream(tenon_stream stream, abi::HandlePart part) override {
    const runtime::ResourceKind& kind = *shape_.result_kinds[part.number];
    return add(kind, NativeStream::pass(stream, *kind.stream, instance_, shared_));
  }

 private:
  abi::ResourceToken add(const runtime::ResourceKind& kind, runtime::ResourceObject object) {
    const abi::ResourceToken token = shared_.resources.add(
        {.kind = &kind, .holder = {runtime::Holder::Who::Call}, .object = std::move(object)});
    transit_.add(token);
    return token;
  }

  const call::FunctionShape& shape_;
  HostInstance& instance_;
  runtime::Shared& shared_;
  runtime::Transit& transit_;
};

}  // namespace tenon::host
