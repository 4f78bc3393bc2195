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
  return *held.as<const ForeignResource>();
}

AbiError refuse(const ResourceKind& kind, const char* why) {
  return {.kind = abi::AbiErrorKind::Guest,
          .message = fmt::format("a handle of `{}` that {}", kind.name, why)};
}

// Translates the handles of one call between the tables of the two compositions.
class HandleTranslator final {
 public:
  HandleTranslator(const call::FunctionShape& caller_shape, const call::FunctionShape& callee_shape,
                   Shared& caller, Shared& callee)
      : caller_shape_(caller_shape),
        callee_shape_(callee_shape),
        caller_(caller),
        callee_(callee),
        caller_transit_(caller.resources),
        callee_transit_(callee.resources),
        callee_loans_(callee.resources) {}

  // Returns the token of a parameter in the callee's table. If the call fails later, an own handle
  // is dropped there. Errors: Guest.
  Result<ResourceToken, AbiError> translate_param(HandlePart part, ResourceToken token) {
    const ResourceKind& caller_kind = *caller_shape_.param_kinds[part.number];
    const ResourceKind& callee_kind = *callee_shape_.param_kinds[part.number];
    const bool owns = part.ownership == abi::Ownership::Own;
    const HeldResource* const held = caller_.resources.find(token);
    if (held == nullptr || held->kind->number != caller_kind.number)
      return refuse(caller_kind, "is stale");
    if (callee_kind.origin != nullptr) {
      HeldResource entry = {.kind = &callee_kind, .object = held->object};
      if (!owns) return callee_loans_.add(std::move(entry));
      entry.holder = {Holder::Who::Call};
      const ResourceToken added = callee_.resources.add(std::move(entry));
      callee_transit_.add(added);
      caller_.resources.remove(token);
      return added;
    }
    const std::optional<ResourceToken> home = foreign_of(*held).token();
    if (!home) return refuse(caller_kind, "was given away");
    if (!owns) return *home;
    foreign_of(*held).give_back();
    caller_.resources.remove(token);
    HeldResource* const own = callee_.resources.find(*home);
    TENON_CHECK(own != nullptr);
    own->holder = {Holder::Who::Call};
    callee_transit_.add(*home);
    return *home;
  }

  // Returns the token of an own handle of the result in the caller's table.
  ResourceToken translate_result(HandlePart part, ResourceToken token) {
    HeldResource* const held = callee_.resources.find(token);
    TENON_CHECK(held != nullptr);
    ResourceObject object;
    if (callee_shape_.result_kinds[part.number]->origin != nullptr) {
      object = callee_.resources.take(token).object;
    } else {
      object = std::make_shared<const ForeignResource>(callee_, token);
      held->holder = {Holder::Who::Away};
    }
    const ResourceToken added =
        caller_.resources.add({.kind = caller_shape_.result_kinds[part.number],
                               .holder = {Holder::Who::Call},
                               .object = std::move(object)});
    caller_transit_.add(added);
    return added;
  }

  // Drops the parameters that the callee did not take, and those that it borrowed. Must run in the callee's
  // composition.
  void end() {
    callee_transit_.finish();
    callee_loans_.end();
  }

 private:
  const call::FunctionShape& caller_shape_;
  const call::FunctionShape& callee_shape_;
  Shared& caller_;
  Shared& callee_;
  Transit caller_transit_;
  Transit callee_transit_;
  Loans callee_loans_;  // entries of resources that are borrowed from a third composition
};

// The source of a copy from one composition to the other. Forwards everything to `guest`, but
// translates the handles that are lifted.
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

// The call as the callee's composition sees it: the same values, with its own tokens for handles.
class CrossedCall final : public call::Call {
 public:
  CrossedCall(call::Call& call, const call::FunctionShape& callee_shape, Shared& caller,
              Shared& callee)
      : Call(callee_shape, {}, {}, call.bounds()),
        call_(call),
        translator_(call.shape(), callee_shape, caller, callee) {}

  const abi::From* params() override {
    if (params_) return &*params_;
    const abi::From* const params = call_.params();
    if (params == nullptr) {
      note_break();
      return nullptr;
    }
    params_guest_.emplace(params->guest, TranslateParam{translator_});
    return &params_.emplace(abi::From{*params_guest_, params->flat_values, params->address});
  }
  void drop_params() override { call_.drop_params(); }

 private:
  struct TranslateParam {
    HandleTranslator& translator;
    Result<ResourceToken, AbiError> operator()(HandlePart part, ResourceToken token) const {
      return translator.translate_param(part, token);
    }
  };
  struct TranslateResult {
    HandleTranslator& translator;
    Result<ResourceToken, AbiError> operator()(HandlePart part, ResourceToken token) const {
      return translator.translate_result(part, token);
    }
  };

  Result<void, AbiError> take_result(const abi::From& result) override {
    TranslatedGuest guest(result.guest, TranslateResult{translator_});
    Result<void, AbiError> copied =
        call_.give_result(abi::From{guest, result.flat_values, result.address});
    if (call_.is_broken_off()) note_break();
    return copied;
  }
  void keep_break(const AbiError& error) override { call_.break_off(error); }
  void end(CallFailure* failure) override {
    translator_.end();
    if (failure == nullptr)
      call_.finish();
    else
      call_.finish(std::move(*failure));
  }

  call::Call& call_;
  HandleTranslator translator_;
  std::optional<TranslatedGuest<TranslateParam>> params_guest_;
  std::optional<abi::From> params_;
};

}  // namespace

ForeignResource::ForeignResource(Shared& home, ResourceToken token)
    : home_(home), token_(token), drop_([&home, token] {
        // If the destructor fails, its domain ends, and the next caller of that domain gets the
        // failure.
        (void)home.resources.drop(token);
      }) {}

ForeignResource::~ForeignResource() {
  if (token_) home_.lock->run_or_defer(std::move(drop_));
}

OtherComposition::OtherComposition(Shared& caller, Parts parts)
    : caller_(caller),
      parts_(std::move(parts)),
      passes_handles_(!parts_.shape->param_kinds.empty() || !parts_.shape->result_kinds.empty()) {}

// The function must not be used before its composition is entered: another thread can swap the
// unit.
void OtherComposition::start(call::Call& call) {
  // The lock is held during the call.
  call.end_within_start();
  Shared& callee = parts_.domain.shared();
  const OwnerLock::Entry entry(*callee.lock);
  if (!entry.is_in()) {
    CallFailure failure = entry.failure();
    failure.function = parts_.name;
    return call.finish(std::move(failure));
  }
  if (!passes_handles_) return parts_.function->start(call);
  CrossedCall crossed(call, *parts_.shape, caller_, callee);
  parts_.function->start(crossed);
}

}  // namespace tenon::runtime
