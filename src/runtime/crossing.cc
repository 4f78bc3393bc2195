#include "runtime/crossing.h"

#include <fmt/core.h>

#include <span>
#include <utility>

#include "support/check.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using abi::HandlePart;
using abi::ResourceToken;

const ForeignResource& foreign_of(const HeldResource& held) {
  return *static_cast<const ForeignResource*>(held.object.get());
}

AbiError refuse(const ResourceKind& kind, const char* why) {
  return {.kind = abi::AbiErrorKind::Guest,
          .message = fmt::format("a handle of `{}` that {}", kind.name, why)};
}

// The two tables of one call, and the handles of the call that are on their way in the callee's.
class Exchange final {
 public:
  Exchange(const call::FunctionShape& shape_here, const call::FunctionShape& shape_there,
           Shared& here, Shared& there)
      : shape_here_(shape_here),
        shape_there_(shape_there),
        here_(here),
        there_(there),
        transit_here_(here),
        transit_there_(there) {}

  // A parameter's handle, which the caller gave, as the callee's composition knows it. If the call
  // fails later, an own handle is dropped there. Errors: Guest.
  Result<ResourceToken, AbiError> bring(HandlePart part, ResourceToken token) {
    const ResourceKind& kind_here = *shape_here_.param_kinds[part.number];
    const ResourceKind& kind_there = *shape_there_.param_kinds[part.number];
    const bool owns = part.ownership == abi::Ownership::Own;
    const HeldResource* const held = here_.resources.find(token);
    if (held == nullptr || held->kind->number != kind_here.number)
      return refuse(kind_here, "is stale");
    if (kind_there.origin != nullptr) {
      // A borrowed one has an entry there for the call alone.
      const ResourceToken added = there_.resources.add(
          {.kind = &kind_there, .holder = {Holder::Who::Call}, .object = held->object});
      transit_there_.add(added);
      if (owns) here_.resources.remove(token);
      return added;
    }
    const std::optional<ResourceToken> home = foreign_of(*held).token();
    if (!home) return refuse(kind_here, "was given away");
    if (!owns) return *home;
    foreign_of(*held).give_back();
    here_.resources.remove(token);
    HeldResource* const own = there_.resources.find(*home);
    TENON_CHECK(own != nullptr);
    own->holder = {Holder::Who::Call};
    transit_there_.add(*home);
    return *home;
  }

  // The own handle of a result, which the callee gave, as the caller's composition knows it.
  ResourceToken fetch(HandlePart part, ResourceToken token) {
    HeldResource* const held = there_.resources.find(token);
    TENON_CHECK(held != nullptr);
    std::shared_ptr<const void> object;
    if (shape_there_.result_kinds[part.number]->origin != nullptr) {
      object = there_.resources.take(token).object;
    } else {
      held->holder = {Holder::Who::Away};
      object = std::make_shared<const ForeignResource>(there_, token);
    }
    const ResourceToken added = here_.resources.add({.kind = shape_here_.result_kinds[part.number],
                                                     .holder = {Holder::Who::Call},
                                                     .object = std::move(object)});
    transit_here_.add(added);
    return added;
  }

  // Drops what the callee did not take. Before its composition is left.
  void end() { transit_there_.finish(); }

 private:
  const call::FunctionShape& shape_here_;
  const call::FunctionShape& shape_there_;
  Shared& here_;
  Shared& there_;
  Transit transit_here_;
  Transit transit_there_;
};

// The giving side of a copy from one composition to the other: the memory is that of the side
// itself, and `translate` turns each handle that it gives into one of the taking composition.
template <class Translate>
class TranslatedGuest final : public abi::Guest {
 public:
  TranslatedGuest(abi::Guest& guest, Translate translate)
      : guest_(guest), translate_(std::move(translate)) {}
  TranslatedGuest(const TranslatedGuest&) = delete;
  TranslatedGuest& operator=(const TranslatedGuest&) = delete;
  ~TranslatedGuest() override = default;

  [[nodiscard]] std::span<std::uint8_t> memory() override { return guest_.memory(); }
  [[nodiscard]] abi::Encoding encoding() const override { return guest_.encoding(); }
  [[nodiscard]] Result<std::uint32_t, AbiError> reallocate(std::uint32_t old,
                                                           std::uint32_t old_size,
                                                           std::uint32_t align,
                                                           std::uint32_t new_size) override {
    return guest_.reallocate(old, old_size, align, new_size);
  }
  [[nodiscard]] Result<ResourceToken, AbiError> lift_handle(HandlePart part,
                                                            std::uint32_t handle) override {
    TENON_TRY(const ResourceToken token, guest_.lift_handle(part, handle));
    return translate_(part, token);
  }
  [[nodiscard]] Result<void, AbiError> lower_handle(HandlePart part, ResourceToken resource,
                                                    abi::HandlePlace place) override {
    return guest_.lower_handle(part, resource, place);
  }

 private:
  abi::Guest& guest_;
  Translate translate_;
};

// The same call as the callee's composition sees it.
class CrossedCall final : public call::Call {
 public:
  CrossedCall(call::Call& call, const call::FunctionShape& shape_there, Shared& here, Shared& there)
      : Call(shape_there, {}, {}, call.bounds()),
        call_(call),
        exchange_(call.shape(), shape_there, here, there) {}

  const abi::From* params() override {
    if (params_) return &*params_;
    const abi::From* const given = call_.params();
    if (given == nullptr) {
      note_break();
      return nullptr;
    }
    params_guest_.emplace(given->guest, Bring{exchange_});
    return &params_.emplace(abi::From{*params_guest_, given->flat_values, given->address});
  }
  void drop_params() override { call_.drop_params(); }

 private:
  struct Bring {
    Exchange& exchange;
    Result<ResourceToken, AbiError> operator()(HandlePart part, ResourceToken token) const {
      return exchange.bring(part, token);
    }
  };
  struct Fetch {
    Exchange& exchange;
    Result<ResourceToken, AbiError> operator()(HandlePart part, ResourceToken token) const {
      return exchange.fetch(part, token);
    }
  };

  Result<void, AbiError> take_result(const abi::From& result) override {
    TranslatedGuest guest(result.guest, Fetch{exchange_});
    Result<void, AbiError> given =
        call_.give_result(abi::From{guest, result.flat_values, result.address});
    if (call_.is_broken_off()) note_break();
    return given;
  }
  void keep_break(const AbiError& error) override { call_.break_off(error); }
  void end(CallResult<void> outcome) override {
    exchange_.end();
    call_.finish(std::move(outcome));
  }

  call::Call& call_;
  Exchange exchange_;
  std::optional<TranslatedGuest<Bring>> params_guest_;
  std::optional<abi::From> params_;
};

}  // namespace

ForeignResource::~ForeignResource() {
  if (!token_) return;
  home_.lock->run_or_defer([&home = home_, token = *token_] {
    // A failure of the destructor is reported to the next caller of that domain.
    (void)drop_resource(home.resources.take(token));
  });
}

OtherComposition::OtherComposition(Shared& here, std::unique_ptr<ExportedFunction> function)
    : here_(here),
      function_(std::move(function)),
      passes_handles_(!function_->shape().param_kinds.empty() ||
                      !function_->shape().result_kinds.empty()) {}

// Nothing is asked of the callee before its composition is entered: another thread may swap it.
void OtherComposition::start(call::Call& call) {
  Shared& there = function_->domain().shared();
  const OwnerLock::Entry entry(*there.lock);
  if (!entry.is_in()) {
    CallFailure refused = entry.failure();
    refused.function = function_->name();
    return call.finish(std::move(refused));
  }
  if (!passes_handles_) return function_->start(call);
  CrossedCall crossed(call, function_->shape(), here_, there);
  function_->start(crossed);
}

}  // namespace tenon::runtime
