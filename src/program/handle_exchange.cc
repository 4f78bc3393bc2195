// Handles of the program.
//
// In a value of the program, a handle is a name (for people), a number and a state. The number identifies a
// row of runtime::ProgramHandles, and is never reused. All copies of the value share the state, which is
// destroyed with the last of them. It says which composition the number belongs to (HandleEnd), or which
// stream the program has made and not passed yet (MadeStream). Without a state, the handle is for the program's
// own object. That is why a number from another composition is recognized, and a copied value drops its resource
// once.
//
// Passing a handle is a small transaction. ProgramExchange is for calls by the program: what it passes is
// held until the call has ended, and an own handle that the callee did not take is dropped then.
// NativeExchange is for calls of its functions by guests: what a guest lends becomes invalid when the
// function returns, whatever the program has kept. Handles of another composition get a row in this one,
// whose object owns the row there (runtime/crossing.h).
#include "program/handle_exchange.h"

#include <fmt/core.h>

#include <new>
#include <optional>

#include "runtime/crossing.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/print_type.h"
#include "value/type_graph.h"

namespace tenon::program {

namespace {

using runtime::HeldResource;
using runtime::Holder;
using runtime::ResourceKind;

// Whether the program refers to such resources as objects.
bool is_object(const ResourceKind& kind, HandlesAre handles) {
  return handles == HandlesAre::Objects && kind.host_class != nullptr;
}

template <class... Args>
Diagnostic refuse(const ValueHandle& handle, fmt::format_string<Args...> why, Args&&... args) {
  return make_diagnostic(Code::ValueHandle, "`<{} #{}>` {}", handle.resource, handle.id,
                         fmt::format(why, std::forward<Args>(args)...));
}

// The composition of a handle, and the resource that the last copy drops.
struct HandleEnd final : HandleState {
  // A borrow, which drops nothing.
  explicit HandleEnd(std::weak_ptr<runtime::Owner> of) : owner(std::move(of)) {}
  HandleEnd(std::weak_ptr<runtime::Owner> of, runtime::Shared& shared, std::uint64_t number)
      : owner(std::move(of)), drop([&shared, number] { shared.program.drop(number); }) {}
  // On any thread at any time, whether or not a thread is in the composition.
  ~HandleEnd() override {
    if (drop.is_empty()) return;
    if (const auto held = owner.lock()) held->get_shared().lock->run_or_defer(std::move(drop));
  }

  const std::weak_ptr<runtime::Owner> owner;
  runtime::Posting drop;
};

// A stream that the program has made. The last copy of its handle drops the readable end, unless it was
// passed.
struct MadeStream final : HandleState {
  // of: as StreamKind names the type; empty: it was compared before
  MadeStream(std::string of, std::shared_ptr<runtime::ProgramWriter> end)
      : type(std::move(of)), writer(std::move(end)) {}
  ~MadeStream() override {
    if (!is_passed) writer->note_dropped();
  }

  const std::string type;
  const std::shared_ptr<runtime::ProgramWriter> writer;
  mutable bool is_passed = false;
};

template <class State>
ValueHandle make_value_handle(std::string resource, std::uint64_t id,
                              std::shared_ptr<const State> state) {
  const State* const shared = state.get();
  return {std::move(resource), id, {std::move(state), nullptr}, shared};
}

// Null: the handle has another state, or none.
template <class State>
const State* state_of(const ValueHandle& handle) {
  return dynamic_cast<const State*>(handle.state);
}

bool is_same(const std::weak_ptr<runtime::Owner>& a, const std::weak_ptr<runtime::Owner>& b) {
  return !a.owner_before(b) && !b.owner_before(a);
}

bool is_stale(const HeldResource& held) {
  const runtime::Domain* const home = held.kind->home;
  return home != nullptr && (!home->is_alive() || held.life != home->life());
}

Diagnostic refuse_stale(const ValueHandle& handle, const HeldResource& held) {
  Diagnostic problem =
      refuse(handle, "is stale: the domain `{}` ended after it was made", held.kind->home->name());
  problem.hints.emplace_back("make a new one: a domain that restarts keeps none of its resources");
  return problem;
}

// Finds the resource of a handle that the program passes.
Result<HeldResource*> find_passed(const std::weak_ptr<runtime::Owner>& owner,
                                  runtime::Shared& shared, const ValueHandle& handle,
                                  const ResourceKind& expected) {
  // A number is valid only in its composition.
  const auto* const end = state_of<HandleEnd>(handle);
  if (end != nullptr && !is_same(end->owner, owner))
    return refuse(handle, "belongs to another composition");
  HeldResource* const held = end == nullptr ? nullptr : shared.program.find(handle.id);
  if (held == nullptr) return refuse(handle, "was dropped or given away");
  if (!is_same(*held->kind, expected)) return refuse(handle, "is not a `{}`", expected.name);
  if (expected.stream != nullptr) held->kind = &expected;
  if (is_stale(*held)) return refuse_stale(handle, *held);
  return held;
}

// The reason why the program cannot give a resource away; nothing if it can.
std::optional<Diagnostic> find_use(const ValueHandle& handle, const HeldResource& held,
                                   const runtime::ProgramHandles& program) {
  if (held.holder.who != Holder::Who::Program)
    return refuse(handle, "is borrowed for the call and cannot be given away");
  if (program.is_in_use(handle.id))
    return refuse(handle, "is borrowed by a call in progress and cannot be given away");
  return std::nullopt;
}

// The composition of a handle that the program passes, if it is another one that this thread can
// enter, as those are that share units. Null: the handle belongs to this composition or to none.
std::shared_ptr<runtime::Owner> find_other(const std::weak_ptr<runtime::Owner>& owner,
                                           const ValueHandle& handle) {
  const auto* const end = state_of<HandleEnd>(handle);
  if (end == nullptr || is_same(end->owner, owner)) return nullptr;
  std::shared_ptr<runtime::Owner> other = end->owner.lock();
  return other != nullptr && other->get_shared().lock->is_shared() ? std::move(other) : nullptr;
}

// Makes the object with which a composition refers to a resource that the program holds in another
// one. A borrowed one must not outlive the call.
runtime::ResourceObject make_object(runtime::Shared& other, HeldResource& held,
                                    abi::ResourceToken token, abi::Ownership ownership) {
  const bool owns = ownership == abi::Ownership::Own;
  if (held.kind->origin != nullptr) return owns ? other.resources.take(token).object : held.object;
  if (owns) {
    auto away = std::make_shared<const runtime::ForeignResource>(other, token);
    held.holder = {Holder::Who::Away};
    return away;
  }
  return std::shared_ptr<const runtime::ForeignResource>(
      new runtime::ForeignResource(other, token), [](const runtime::ForeignResource* borrowed) {
        borrowed->give_back();
        delete borrowed;
      });
}

// Passes a resource that the program holds in `other` to the composition `here`, where `holder`
// becomes its holder. Returns its token there.
Result<abi::ResourceToken> pass_between(runtime::Shared& other, const ValueHandle& handle,
                                        const ResourceKind& expected, abi::Ownership ownership,
                                        runtime::Shared& here, Holder::Who holder) {
  runtime::ProgramHandles& program = other.program;
  HeldResource* const held = program.find(handle.id);
  if (held == nullptr) return refuse(handle, "was dropped or given away");
  if (&held->kind->source() != &expected.source())
    return refuse(handle, "belongs to another composition");
  if (is_stale(*held)) return refuse_stale(handle, *held);
  const bool owns = ownership == abi::Ownership::Own;
  if (owns)
    if (auto problem = find_use(handle, *held, program)) return *std::move(problem);
  const abi::ResourceToken token = program.token(handle.id);
  if (expected.origin != nullptr)
    return here.resources.add({.kind = &expected,
                               .holder = {holder},
                               .object = make_object(other, *held, token, ownership)});
  // It comes home.
  const runtime::ForeignResource& foreign = *held->as<const runtime::ForeignResource>();
  const std::optional<abi::ResourceToken> home = foreign.token();
  if (!home) return refuse(handle, "was dropped or given away");
  if (owns) {
    foreign.give_back();
    other.resources.remove(token);
    here.resources.find(*home)->holder = {holder};
  }
  return *home;
}

// Makes the channel of a stream that the program passes. Nothing if the handle is another one.
Result<std::shared_ptr<runtime::ReadableEnd>> connect_stream(const ValueHandle& handle,
                                                             const ResourceKind& expected,
                                                             runtime::Shared& shared) {
  const auto* const made = state_of<MadeStream>(handle);
  if (expected.stream == nullptr || made == nullptr) return std::shared_ptr<runtime::ReadableEnd>();
  if (!made->type.empty() && made->type != expected.name)
    return refuse(handle, "is not a `{}`", expected.name);
  if (made->is_passed) return refuse(handle, "was passed before");
  auto readable = made->writer->connect(expected.stream->shared_from_this(), shared);
  made->is_passed = true;
  return readable;
}

}  // namespace

Result<void> take_stream(const ValueHandle& handle, const std::function<ReceiveStream>& receive) {
  const auto* const end = state_of<HandleEnd>(handle);
  const std::shared_ptr<runtime::Owner> owner = end == nullptr ? nullptr : end->owner.lock();
  if (owner == nullptr) return refuse(handle, "is not a stream or future of a running composition");
  const runtime::OwnerLock::Entry entry(*owner->get_shared().lock);
  if (!entry.is_in()) return failure_diagnostic(entry.failure());
  runtime::ProgramHandles& program = owner->get_shared().program;
  const HeldResource* const held = program.find(handle.id);
  if (held == nullptr) return refuse(handle, "was read, dropped or passed before");
  if (held->kind->stream == nullptr) return refuse(handle, "is not a stream or future");
  receive(owner, held->as<runtime::ReadableEnd>());
  (void)owner->get_shared().resources.take(program.token(handle.id));
  return {};
}

Result<engine::WasiResource> take_wasi_resource(runtime::Shared& shared,
                                                const ValueHandle& handle) {
  const HeldResource* const held = shared.program.find(handle.id);
  if (held == nullptr || !held->kind->wasi)
    return refuse(handle, "is not a resource of WASI that the program holds");
  return std::move(
      *shared.resources.take(shared.program.token(handle.id)).as<engine::WasiResource>());
}

ValueHandle make_wasi_handle(const std::weak_ptr<runtime::Owner>& owner, runtime::Shared& shared,
                             const ResourceKind& kind, engine::WasiResource resource) {
  const abi::ResourceToken token =
      shared.resources.add({.kind = &kind,
                            .holder = {Holder::Who::Program},
                            .object = std::make_shared<engine::WasiResource>(std::move(resource))});
  return make_handle(owner, kind, shared.program.add(token));
}

ValueHandle make_stream_handle(const Type& type, std::shared_ptr<runtime::ProgramWriter> writer) {
  std::string name = types::print_type(value::graph_of(type)->types, {}, value::id_of(type));
  return make_value_handle(type.wit(), 0,
                           std::make_shared<const MadeStream>(std::move(name), std::move(writer)));
}

ValueHandle make_stream_handle(std::string name, std::shared_ptr<runtime::ProgramWriter> writer) {
  return make_value_handle(std::move(name), 0,
                           std::make_shared<const MadeStream>(std::string(), std::move(writer)));
}

ValueHandle make_handle(const std::weak_ptr<runtime::Owner>& owner, const ResourceKind& kind,
                        std::uint64_t number) {
  const std::shared_ptr<runtime::Owner> held = owner.lock();
  if (held == nullptr)
    return make_value_handle(kind.name, number, std::make_shared<const HandleEnd>(owner));
  runtime::Shared& shared = held->get_shared();
  try {
    return make_value_handle(kind.name, number,
                             std::make_shared<const HandleEnd>(owner, shared, number));
  } catch (const std::bad_alloc&) {
    // Nothing else drops it. Dropping a number twice does nothing.
    shared.program.drop(number);
    throw;
  }
}

bool is_stale(runtime::Shared& shared, const ValueHandle& handle) {
  const HeldResource* const held = shared.program.find(handle.id);
  return held != nullptr && is_stale(*held);
}

Result<abi::ResourceToken> ProgramExchange::give(const ValueHandle& handle, abi::HandlePart part) {
  const auto owner = owner_.lock();
  if (owner == nullptr) return refuse(handle, "belongs to a composition that is gone");
  const ResourceKind& expected = *shape_.param_kinds[part.number];
  runtime::Shared& shared = owner->get_shared();
  runtime::ProgramHandles& program = shared.program;
  TENON_TRY(const auto made, connect_stream(handle, expected, shared));
  if (made != nullptr) return program.token(add_object(shared, expected, made));
  if (is_object(expected, handles_))
    return program.token(add_object(shared, expected, handle.keep));
  if (const auto other = find_other(owner_, handle)) return give_from(shared, other, handle, part);
  TENON_TRY(const HeldResource* const held, find_passed(owner_, shared, handle, expected));
  const bool owns = part.ownership == abi::Ownership::Own;
  const auto passed = arguments_.find(handle.id);
  if (passed != arguments_.end() && (owns || passed->second == abi::Ownership::Own))
    return refuse(
        handle, "is passed twice in one call: a handle that is given away cannot be passed again");
  if (owns)
    if (auto problem = find_use(handle, *held, program)) return *std::move(problem);
  if (passed == arguments_.end()) {
    arguments_.emplace(handle.id, part.ownership);
    passed_.push_back(0);  // until it is passed
    program.pass(handle.id);
    passed_.back() = handle.id;
  }
  return program.token(handle.id);
}

Result<abi::ResourceToken> ProgramExchange::give_from(runtime::Shared& shared,
                                                      const std::shared_ptr<runtime::Owner>& from,
                                                      const ValueHandle& handle,
                                                      abi::HandlePart part) {
  runtime::Shared& other = from->get_shared();
  const runtime::OwnerLock::Entry entry(*other.lock);
  if (!entry.is_in()) return failure_diagnostic(entry.failure());
  const ResourceKind& expected = *shape_.param_kinds[part.number];
  const bool owns = part.ownership == abi::Ownership::Own;
  const bool has_object = owns || expected.origin != nullptr;
  if (has_object) objects_.push_back(0);
  if (!owns) {
    runtime::Posting end([&other, number = handle.id] { other.program.end_pass(number); });
    passed_elsewhere_.push_back({.owner = from, .end = {}});
    other.program.pass(handle.id);
    passed_elsewhere_.back().end = std::move(end);
  }
  TENON_TRY(const abi::ResourceToken token,
            pass_between(other, handle, expected, part.ownership, shared, Holder::Who::Program));
  if (has_object) objects_.back() = shared.program.add(token);
  return token;
}

std::uint64_t ProgramExchange::add_object(runtime::Shared& shared, const ResourceKind& kind,
                                          runtime::ResourceObject object) {
  objects_.push_back(0);  // until it has a number
  const abi::ResourceToken token = shared.resources.add(
      {.kind = &kind, .holder = {Holder::Who::Program}, .object = std::move(object)});
  return objects_.back() = shared.program.add(token);
}

ValueHandle ProgramExchange::take(abi::ResourceToken token, abi::HandlePart part) {
  const auto owner = owner_.lock();
  if (owner == nullptr) return {};
  const ResourceKind& kind = *shape_.result_kinds[part.number];
  if (!is_object(kind, handles_))
    return make_handle(owner_, kind, owner->get_shared().program.add(token));
  // Typed code needs no name, and nothing here may fail: the token is in no arena any more.
  return {{}, 0, owner->get_shared().resources.take(token).as<const void>(), nullptr};
}

void ProgramExchange::begin_call() {
  if (!arguments_.empty()) arguments_.clear();
  begins_.push_back({objects_.size(), passed_.size(), passed_elsewhere_.size()});
}

void ProgramExchange::end_call() {
  end(begins_.back());
  begins_.pop_back();
}

void ProgramExchange::end(const Begin& begin) {
  end_passes(begin.passed);
  const auto owner = objects_.size() == begin.objects ? nullptr : owner_.lock();
  // A destructor can make calls as well.
  while (objects_.size() > begin.objects) {
    const std::uint64_t number = objects_.back();
    objects_.pop_back();
    if (owner != nullptr) owner->get_shared().program.drop(number);
  }
  end_passes_elsewhere(begin.passed_elsewhere);
}

void ProgramExchange::end_passes(std::size_t first) {
  const auto owner = passed_.size() == first ? nullptr : owner_.lock();
  while (passed_.size() > first) {
    const std::uint64_t number = passed_.back();
    passed_.pop_back();
    // A destructor may call too.
    if (owner != nullptr) owner->get_shared().program.end_pass(number);
  }
}

void ProgramExchange::end_passes_elsewhere(std::size_t first) {
  while (passed_elsewhere_.size() > first) {
    PassElsewhere pass = std::move(passed_elsewhere_.back());
    passed_elsewhere_.pop_back();
    const std::shared_ptr<runtime::Owner> other = pass.owner.lock();
    if (other != nullptr && !pass.end.is_empty())
      other->get_shared().lock->run_or_defer(std::move(pass.end));
  }
}

NativeExchange::NativeExchange(std::weak_ptr<runtime::Owner> owner,
                               const call::FunctionShape& shape, HandlesAre handles)
    : owner_(std::move(owner)),
      shape_(shape),
      handles_(handles),
      borrowed_(make_value_handle({}, 0, std::make_shared<const HandleEnd>(owner_))) {}

Result<abi::ResourceToken> NativeExchange::give(const ValueHandle& handle, abi::HandlePart part) {
  const ResourceKind& expected = *shape_.result_kinds[part.number];
  const auto add = [&](runtime::ResourceObject object) {
    const abi::ResourceToken token = shared_->resources.add(
        {.kind = &expected, .holder = {Holder::Who::Call}, .object = std::move(object)});
    transit_->add(token);
    return token;
  };
  TENON_TRY(const auto made, connect_stream(handle, expected, *shared_));
  if (made != nullptr) return add(made);
  if (is_object(expected, handles_) && handle.keep != nullptr) return add(handle.keep);
  if (const auto other = find_other(owner_, handle)) {
    const runtime::OwnerLock::Entry entry(*other->get_shared().lock);
    if (!entry.is_in()) return failure_diagnostic(entry.failure());
    TENON_TRY(const abi::ResourceToken token,
              pass_between(other->get_shared(), handle, expected, part.ownership, *shared_,
                           Holder::Who::Call));
    transit_->add(token);
    return token;
  }
  TENON_TRY(HeldResource* const held, find_passed(owner_, *shared_, handle, expected));
  if (auto problem = find_use(handle, *held, shared_->program)) return *std::move(problem);
  // From here on, the call owns the resource instead of the program's value.
  const abi::ResourceToken token = shared_->program.token(handle.id);
  held->holder = {Holder::Who::Call};
  transit_->add(token);
  return token;
}

ValueHandle NativeExchange::take(abi::ResourceToken token, abi::HandlePart part) {
  const ResourceKind& kind = *shape_.param_kinds[part.number];
  const bool owns = part.ownership == abi::Ownership::Own;
  HeldResource* const held = shared_->resources.find(token);
  TENON_CHECK(held != nullptr);
  if (is_object(kind, handles_)) {
    ValueHandle handle;
    handle.resource = kind.name;
    handle.keep = held->as<const void>();
    if (owns) shared_->resources.remove(token);
    return handle;
  }
  if (owns) {
    held->holder = {Holder::Who::Program};
    return make_handle(owner_, kind, shared_->program.add(token));
  }
  ValueHandle handle = borrowed_;
  handle.resource = kind.name;
  numbers_.push_back(0);  // until it is borrowed
  handle.id = numbers_.back() = shared_->program.borrow(token);
  return handle;
}

void NativeExchange::end() {
  runtime::ProgramHandles& program = shared_->program;
  // A destructor may call too.
  while (!numbers_.empty()) {
    const std::uint64_t number = numbers_.back();
    numbers_.pop_back();
    program.end_borrow(number);
  }
}

}  // namespace tenon::program
