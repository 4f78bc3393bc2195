// The handles of one call of native code, or of the items of a stream: native code knows resources
// by pointers and streams by numbers, the composition both by tokens.
#pragma once

#include <fmt/core.h>

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include "call/function_shape.h"
#include "host/instance.h"
#include "host/native_stream.h"
#include "host/native_values.h"
#include "runtime/domain.h"
#include "runtime/resource_table.h"
#include "runtime/small_vector.h"
#include "support/check.h"

namespace tenon::host {

// The streams among them.
class StreamExchange : public RepExchange {
 public:
  StreamExchange(const call::FunctionShape& shape, NativeHome& home, runtime::Shared& shared,
                 runtime::Transit& transit)
      : shape_(shape), home_(home), shared_(shared), transit_(transit) {}
  StreamExchange(const StreamExchange&) = delete;
  StreamExchange& operator=(const StreamExchange&) = delete;
  ~StreamExchange() override {
    for (std::size_t i = 0; i < streams_.size(); ++i) NativeStream::close(streams_[i]);
  }

  tenon_stream take_stream(abi::ResourceToken token, abi::HandlePart /*part*/) override {
    const runtime::HeldResource taken = shared_.resources.take(token);
    streams_.push_back(0);
    return streams_[streams_.size() - 1] =
               NativeStream::receive(taken.as<runtime::ReadableEnd>(), home_, shared_);
  }

  void give_taken() override { streams_.clear(); }

  abi::ResourceToken give_stream(tenon_stream stream, abi::HandlePart part) override {
    const runtime::ResourceKind& kind = result_kind(part);
    std::shared_ptr<runtime::ReadableEnd> end =
        NativeStream::pass(stream, *kind.stream, home_, shared_);
    if (end == nullptr) {
      home_.report(
          fmt::format("it passes the stream {} twice, after a read, to another composition, or as "
                      "{}, which it is not",
                      stream, kind.name));
      end = NativeStream::make_closed(*kind.stream, shared_);
    }
    return add(kind, std::move(end));
  }

  void drop_stream(tenon_stream stream, abi::HandlePart part) override {
    NativeStream::pass_to_nobody(stream, *result_kind(part).stream, home_, shared_);
  }

 protected:
  [[nodiscard]] runtime::Shared& shared() const { return shared_; }
  [[nodiscard]] const runtime::ResourceKind& result_kind(abi::HandlePart part) const {
    return *shape_.result_kinds[part.number];
  }
  abi::ResourceToken add(const runtime::ResourceKind& kind, runtime::ResourceObject object) {
    const abi::ResourceToken token = shared_.resources.add(
        {.kind = &kind, .holder = {runtime::Holder::Who::Call}, .object = std::move(object)});
    transit_.add(token);
    return token;
  }

 private:
  const call::FunctionShape& shape_;
  NativeHome& home_;
  runtime::Shared& shared_;
  runtime::Transit& transit_;
  runtime::SmallVector<tenon_stream> streams_;  // taken
};

class ResourceExchange final : public StreamExchange {
 public:
  ResourceExchange(const call::FunctionShape& shape, HostInstance& instance,
                   runtime::Shared& shared, runtime::Transit& transit)
      : StreamExchange(shape, instance, shared, transit), instance_(instance) {}

  void* take(abi::ResourceToken token, abi::HandlePart part) override {
    runtime::HeldResource* const held = shared().resources.find(token);
    TENON_CHECK(held != nullptr);
    // Types are checked: only native code of this bundle makes resources of the kind.
    auto& resource = static_cast<HostedResource&>(*held->as<runtime::OutsideResource>());
    if (part.ownership == abi::Ownership::Own) taken_.push_back(token);
    return resource.rep();
  }

  // Until then the resources are in transit.
  void give_taken() override {
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      const runtime::HeldResource taken = shared().resources.take(taken_[i]);
      static_cast<HostedResource&>(*taken.as<runtime::OutsideResource>()).release();
    }
    taken_.clear();
    StreamExchange::give_taken();
  }

  abi::ResourceToken give(void* rep, abi::HandlePart part) override {
    const runtime::ResourceKind& kind = result_kind(part);
    std::shared_ptr<runtime::OutsideResource> made;
    try {
      made = std::make_shared<HostedResource>(instance_, instance_.resource_of(kind), rep);
    } catch (const std::bad_alloc&) {
      drop(rep, part);
      throw;
    }
    return add(kind, std::move(made));
  }

  void drop(void* rep, abi::HandlePart part) override {
    instance_.drop(rep, instance_.resource_of(result_kind(part)));
  }

 private:
  HostInstance& instance_;
  runtime::SmallVector<abi::ResourceToken> taken_;
};

}  // namespace tenon::host
