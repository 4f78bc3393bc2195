#include "capi/values.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <unordered_set>

#include "capi/program_home.h"
#include "host/native_stream.h"
#include "runtime/channel.h"
#include "runtime/resource_table.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/process_table.h"
#include "support/try.h"
#include "support/utf8.h"
#include "tenon/buffer.h"
#include "tenon/detail/host_codec.h"
#include "value/scalar_kind.h"

namespace tenon::capi {

namespace {

using abi::HandlePart;
using abi::Layout;
using abi::LayoutId;
using abi::Ownership;
using abi::Shape;

// The class of the objects of a resource; null if the program does not make them.
ClassPtr class_of(const runtime::ResourceKind& kind) {
  // tenon makes buffers itself.
  if (kind.host_class == nullptr || kind.host_class == detail::host_class<Buffer>()) return nullptr;
  return static_cast<const ProgramObject::Class*>(kind.host_class)->shared_from_this();
}

Result<std::vector<ClassPtr>> find_classes(const std::vector<const runtime::ResourceKind*>& kinds) {
  std::vector<ClassPtr> classes;
  for (const runtime::ResourceKind* const kind : kinds) {
    if (kind->stream != nullptr && has_resources(*kind->stream))
      return make_diagnostic(Code::TypeUnsupportedValue,
                             "the C API does not pass `{}`, because its items have resources",
                             kind->name);
    classes.push_back(class_of(*kind));
  }
  return classes;
}

bool is_in_memory(const Arena<Layout>& layouts, LayoutId id) {
  const Layout& layout = layouts[id];
  switch (layout.shape) {
    case Shape::String:
    case Shape::List:
    case Shape::Own:
    case Shape::Borrow:
      return true;
    default:
      return std::ranges::any_of(layout.parts, [&](const abi::LayoutPart& part) {
        return part.layout && is_in_memory(layouts, *part.layout);
      });
  }
}

bool is_flat(const abi::FunctionLayout& layout) {
  return !layout.has_spilled_params() && !layout.has_spilled_result() &&
         !is_in_memory(layout.layouts, layout.params) &&
         !(layout.result && is_in_memory(layout.layouts, *layout.result));
}

// Absent: it is not a number, a boolean or a character.
std::optional<host::FlatNumber> find_number(const Layout& layout) {
  if (!value::is_scalar(layout.kind)) return std::nullopt;
  return host::FlatNumber::make(layout.kind);
}

// As `FunctionForm::viewed`.
std::optional<std::size_t> find_viewed(const abi::FunctionLayout& layout) {
  std::optional<std::size_t> viewed;
  const std::vector<abi::LayoutPart>& params = layout.layouts[layout.params].parts;
  for (std::size_t i = 0; i < params.size(); ++i) {
    const Layout& param = layout.layouts[*params[i].layout];
    if (value::is_scalar(param.kind)) continue;
    const TypeKind element = param.shape == Shape::List && param.kind == TypeKind::List
                                 ? layout.layouts[*param.parts[0].layout].kind
                                 : TypeKind::Bool;
    const bool is_viewed =
        param.kind == TypeKind::String ||
        (value::is_scalar(element) && element != TypeKind::Bool && element != TypeKind::Char);
    if (!is_viewed || viewed) return std::nullopt;
    viewed = i;
  }
  return layout.has_spilled_params() ? std::nullopt : viewed;
}

// An object that is borrowed for a call, which must not drop it.
const ClassPtr& borrowed_class() {
  // Never destroyed: a thread can call while the process ends.
  static const ClassPtr& none = *new ClassPtr(std::make_shared<const ProgramObject::Class>());
  return none;
}

// Handles that the program gets, once all of its values are read.
class TakenHandles final : public host::RepExchange {
 public:
  TakenHandles(const std::vector<ClassPtr>& classes, call::HandleExchange& handles,
               std::deque<tenon_resource>& resources)
      : classes_(classes), handles_(handles), resources_(resources) {}
  TakenHandles(const TakenHandles&) = delete;
  TakenHandles& operator=(const TakenHandles&) = delete;
  // Closes and drops what the program was not given, because nobody else would.
  ~TakenHandles() {
    for (const tenon_stream stream : streams_) host::NativeStream::close(stream);
  }

  void give_taken() override {
    for (const std::shared_ptr<const ProgramObject>& object : objects_) (void)object->release();
    streams_.clear();
  }

  void* take(abi::ResourceToken token, HandlePart part) override {
    ValueHandle handle = handles_.take(token, part);
    if (classes_[part.number] == nullptr) {
      tenon_resource& resource = resources_.emplace_back(std::move(handle));
      resource.is_in_arena = true;
      return &resource;
    }
    // The class of the resource says what the object is.
    auto object = std::static_pointer_cast<const ProgramObject>(std::move(handle.keep));
    void* const rep = object->rep();
    if (part.ownership == Ownership::Own) objects_.push_back(std::move(object));
    return rep;
  }

  tenon_stream take_stream(abi::ResourceToken token, HandlePart part) override {
    const ValueHandle handle = handles_.take(token, part);
    streams_.push_back(0);  // until it is taken
    return streams_.back() = capi::take_stream(handle);
  }

  // Handles are given by `give_all`.
  abi::ResourceToken give(void* /*rep*/, HandlePart /*part*/) override { fail(); }
  abi::ResourceToken give_stream(tenon_stream /*stream*/, HandlePart /*part*/) override { fail(); }
  void drop(void* /*rep*/, HandlePart /*part*/) override { fail(); }
  void drop_stream(tenon_stream /*stream*/, HandlePart /*part*/) override { fail(); }

 private:
  [[noreturn]] static void fail() {
    TENON_CHECK(false);
    std::abort();
  }

  const std::vector<ClassPtr>& classes_;
  call::HandleExchange& handles_;
  std::deque<tenon_resource>& resources_;
  std::vector<std::shared_ptr<const ProgramObject>> objects_;
  std::vector<tenon_stream> streams_;
};

// Drops what is left of a result whose reading fails.
class UnreadHandles final {
 public:
  UnreadHandles(const FunctionForm& form, const abi::ValueArena& result)
      : form_(form), result_(&result) {}
  UnreadHandles(const UnreadHandles&) = delete;
  UnreadHandles& operator=(const UnreadHandles&) = delete;
  ~UnreadHandles() { drop_handles(form_, *result_); }

  void are_in(const abi::ValueArena& result) { result_ = &result; }

 private:
  const FunctionForm& form_;
  const abi::ValueArena* result_;
};

std::shared_ptr<const ProgramObject> make_object(const host::WrittenResult::Handle& handle,
                                                 const ClassPtr& of) {
  return std::make_shared<const ProgramObject>(
      handle.part.ownership == Ownership::Own ? of : borrowed_class(), handle.rep);
}

// passed: gets an object that is passed as own; null: it is a result, which belongs to the caller.
Result<ValueHandle> make_handle(host::WrittenResult::Handle& handle, const ClassPtr& of,
                                const runtime::ResourceKind& kind, PassedObjects* passed) {
  if (of == nullptr) {
    if (!handle.held)
      return make_diagnostic(Code::ValueHandle,
                             "`of.rep` is not a tenon_resource, and `{}` is not a resource of the "
                             "program",
                             kind.name);
    return *std::move(handle.held);
  }
  if (handle.rep == nullptr || handle.held)
    return make_diagnostic(Code::ValueHandle,
                           "`of.rep` is {}, and not a pointer of the program, which makes `{}`",
                           handle.rep == nullptr ? "NULL" : "a tenon_resource", kind.name);
  std::shared_ptr<const ProgramObject> given;
  auto& object =
      passed != nullptr && handle.part.ownership == Ownership::Own ? passed->add() : given;
  object = make_object(handle, of);
  ValueHandle made;
  made.keep = object;
  return made;
}

// Passes the handles of values that were written to the buffer, and held.
Result<std::uint32_t> give_all(const FunctionForm& form, host::WrittenResult written,
                               const std::vector<ClassPtr>& classes,
                               const std::vector<const runtime::ResourceKind*>& kinds,
                               call::ArenaBuffer& buffer, PassedObjects* passed) {
  for (host::WrittenResult::Handle& handle : written.handles) {
    const HandlePart part = handle.part;
    const runtime::ResourceKind& kind = *kinds[part.number];
    Result<ValueHandle> given = handle.stream != 0
                                    ? give_stream(handle.stream, kind, form.owner)
                                    : make_handle(handle, classes[part.number], kind, passed);
    if (!given) return std::move(given).error();
    std::uint32_t index = 0;
    if (!buffer.give(*given, {part.number, part.ownership == Ownership::Own}, index))
      return buffer.take_problems();
    std::memcpy(buffer.data() + handle.address, &index, sizeof(index));
  }
  return written.address;
}

// Drops the own objects among values that nobody gets.
void drop_objects(const host::WrittenResult& written, const std::vector<ClassPtr>& classes) {
  for (const host::WrittenResult::Handle& handle : written.handles) {
    const ClassPtr& of = classes[handle.part.number];
    if (handle.stream == 0 && !handle.held && handle.part.ownership == Ownership::Own &&
        of != nullptr)
      of->drop_object(handle.rep);
  }
}

host::LiftedParams lifted_in(abi::ValueArena& arena, std::uint32_t address) {
  return {
      .arena = arena, .address = address, .caller_memory = arena.memory(), .has_text_views = true};
}

}  // namespace

PassedObjects::~PassedObjects() {
  for (const Passed& passed : objects_)
    if (passed.object.use_count() == 1) (void)passed.object->release();  // nobody has taken it
}

void PassedObjects::begin_call() {
  for (Passed& passed : objects_) {
    passed.lent = passed.object;
    passed.object.reset();
  }
}

void PassedObjects::take_back() {
  for (Passed& passed : objects_) passed.object = passed.lent.lock();
}

Diagnostic make_problem(const host::NativeProblem& problem) {
  Diagnostic made = make_diagnostic(Code::ValueType, "{}", problem.message);
  made.where.item = problem.path;
  return made;
}

Result<FunctionForm> FunctionForm::make(std::shared_ptr<const call::FunctionShape> shape,
                                        std::weak_ptr<runtime::Owner> owner) {
  FunctionForm form{.shape = std::move(shape), .owner = std::move(owner)};
  TENON_TRY(form.param_classes, find_classes(form.shape->param_kinds));
  TENON_TRY(form.result_classes, find_classes(form.shape->result_kinds));
  form.is_flat = capi::is_flat(form.layout());
  const abi::FunctionLayout& layout = form.layout();
  for (const abi::LayoutPart& param : layout.layouts[layout.params].parts)
    form.param_numbers.push_back(find_number(layout.layouts[*param.layout]));
  if (layout.result) form.result_number = find_number(layout.layouts[*layout.result]);
  form.has_scalars = form.is_flat && (!layout.result || form.result_number) &&
                     std::ranges::all_of(form.param_numbers,
                                         [](const auto& number) { return number.has_value(); });
  form.viewed = find_viewed(form.layout());
  return form;
}

Result<std::uint32_t> write_params(const FunctionForm& form, std::span<const tenon_value> params,
                                   call::ArenaBuffer& buffer, PassedObjects& passed) {
  auto written = host::write_native_params(form.layout(), params, buffer.arena());
  if (!written) return make_problem(written.error());
  buffer.refresh();
  hold_resources(*written);
  return give_all(form, *std::move(written), form.param_classes, form.shape->param_kinds, buffer,
                  &passed);
}

void drop_params(const FunctionForm& form, std::span<const tenon_value> params) {
  abi::ValueArena unread;
  const auto written = host::write_native_params(form.layout(), params, unread);
  if (written) drop_objects(*written, form.param_classes);
}

std::optional<tenon_value> read_result(const FunctionForm& form, std::uint32_t address,
                                       call::ArenaBuffer& buffer, tenon_arena& arena) {
  UnreadHandles unread(form, buffer.arena());
  abi::ValueArena& values = arena.add_values();
  std::swap(values, buffer.arena());
  unread.are_in(values);
  buffer.refresh();
  TakenHandles handles(form.result_classes, buffer.handles(), arena.resources);
  const auto result =
      host::read_native_result(form.layout(), lifted_in(values, address), arena.memory, handles);
  if (result) handles.give_taken();
  return result;
}

void drop_handles(const FunctionForm& form, const abi::ValueArena& result) {
  std::shared_ptr<runtime::Owner> owner;
  for (const std::optional<abi::ResourceToken>& token : result.resources()) {
    if (!token) continue;
    if (owner == nullptr) owner = form.owner.lock();
    if (owner == nullptr) return;
    runtime::Shared& shared = owner->get_shared();
    if (shared.resources.find(*token) == nullptr) continue;
    CallResult<void> dropped = shared.resources.drop(*token);
    if (!dropped) shared.program.keep_drop_failure(std::move(dropped).error());
  }
}

std::optional<std::span<tenon_value>> read_params(const FunctionForm& form, std::uint32_t address,
                                                  call::ArenaBuffer& buffer,
                                                  host::CallMemory& memory,
                                                  std::deque<tenon_resource>& resources) {
  TakenHandles handles(form.param_classes, buffer.handles(), resources);
  const auto params =
      host::read_native_params(form.layout(), lifted_in(buffer.arena(), address), memory, handles);
  if (params) handles.give_taken();
  return params;
}

Result<std::uint32_t> write_result(const FunctionForm& form, const tenon_value& result,
                                   call::ArenaBuffer& buffer) {
  abi::ValueArena own;
  auto written = host::write_native_result(form.layout(), result, own);
  if (!written) return make_problem(written.error());
  hold_resources(*written);
  return give_result(form, *std::move(written), std::move(own), buffer);
}

Result<std::uint32_t> give_result(const FunctionForm& form, host::WrittenResult written,
                                  abi::ValueArena values, call::ArenaBuffer& buffer) {
  std::swap(values, buffer.arena());
  buffer.refresh();
  return give_all(form, std::move(written), form.result_classes, form.shape->result_kinds, buffer,
                  nullptr);
}

void hold_resources(host::WrittenResult& written) {
  for (host::WrittenResult::Handle& handle : written.handles)
    if (const tenon_resource* const resource = tenon_resource::find(handle.rep))
      handle.held = resource->handle;
}

void drop_result(const FunctionForm& form, const host::WrittenResult& written) {
  for (const host::WrittenResult::Handle& handle : written.handles)
    if (handle.stream != 0) host::NativeStream::close(handle.stream);
  drop_objects(written, form.result_classes);
}

std::optional<std::span<const std::uint8_t>> put_with_view(const FunctionForm& form,
                                                           std::span<const tenon_value> args,
                                                           std::span<std::uint64_t> flat) {
  const Arena<Layout>& layouts = form.layout().layouts;
  const std::vector<abi::LayoutPart>& params = layouts[form.layout().params].parts;
  if (!form.viewed || args.size() != params.size()) return std::nullopt;
  std::span<const std::uint8_t> memory;
  for (std::size_t i = 0; i < params.size(); ++i) {
    const Layout& param = layouts[*params[i].layout];
    std::uint64_t& to = flat[params[i].flat_offset];
    if (i != form.viewed) {
      if (!form.param_numbers[i]->fits(args[i])) return std::nullopt;
      to = args[i].of.u;
      continue;
    }
    const tenon_value& value = args[i];
    const void* first = value.of.packed.ptr;
    std::size_t size = 1;
    std::size_t count = value.of.packed.len;
    if (param.kind == TypeKind::String) {
      if (value.kind != TENON_STRING) return std::nullopt;
      first = value.of.str.ptr;
      count = value.of.str.len;
    } else {
      const Layout& element = layouts[*param.parts[0].layout];
      if (value.kind != TENON_PACKED || value.elem != host::native_kind(element.kind))
        return std::nullopt;
      size = element.size;
    }
    if ((first == nullptr && count != 0) || count > UINT32_MAX / size) return std::nullopt;
    memory = {static_cast<const std::uint8_t*>(first), count * size};
    if (param.kind == TypeKind::String &&
        find_bad_utf8({reinterpret_cast<const char*>(memory.data()), memory.size()}))
      return std::nullopt;
    to = 0;
    flat[params[i].flat_offset + 1] = count;
  }
  return memory;
}

}  // namespace tenon::capi

using namespace tenon;

namespace {

// The handles that exist in this process.
class HandleTable final : public ProcessTable<HandleTable> {
 public:
  void add(const void* handle) {
    const std::lock_guard lock(mutex_);
    handles_.insert(handle);
  }
  void remove(const void* handle) {
    const std::lock_guard lock(mutex_);
    handles_.erase(handle);
  }
  [[nodiscard]] bool contains(const void* handle) {
    const std::lock_guard lock(mutex_);
    return handles_.contains(handle);
  }

 private:
  std::unordered_set<const void*> handles_;
};

}  // namespace

tenon_resource::tenon_resource(ValueHandle held) : handle(std::move(held)) {
  HandleTable::get().add(this);
}

tenon_resource::~tenon_resource() { HandleTable::get().remove(this); }

const tenon_resource* tenon_resource::find(const void* address) {
  return HandleTable::get().contains(address) ? static_cast<const tenon_resource*>(address)
                                              : nullptr;
}

abi::ValueArena& tenon_arena::add_values() {
  if (used == values.size()) values.emplace_back();
  return values[used++];
}

void tenon_arena::clear() {
  resources.clear();
  memory.clear();
  // The first is kept for the next call.
  if (values.size() > 1) values.erase(values.begin() + 1, values.end());
  for (abi::ValueArena& kept : values) kept.clear();
  used = 0;
}

tenon_arena* tenon_arena_new(void) {
  return capi::guard_or(static_cast<tenon_arena*>(nullptr), [] { return new tenon_arena; });
}

void tenon_arena_delete(tenon_arena* arena) {
  if (arena != nullptr && arena->is_alive()) delete arena;
}

void tenon_arena_reset(tenon_arena* arena) {
  if (arena != nullptr && arena->is_alive()) arena->clear();
}

void* tenon_arena_alloc(tenon_arena* arena, size_t size, size_t align) {
  if (arena == nullptr || !arena->is_alive()) return nullptr;
  return capi::guard_or(static_cast<void*>(nullptr),
                        [&] { return arena->memory.allocate(size, align); });
}

tenon_resource* tenon_resource_keep(const tenon_resource* resource) {
  if (tenon_resource::find(resource) == nullptr) return nullptr;
  return capi::guard_or(static_cast<tenon_resource*>(nullptr),
                        [&] { return new tenon_resource(resource->handle); });
}

const char* tenon_resource_type(const tenon_resource* resource) {
  return tenon_resource::find(resource) != nullptr ? resource->handle.resource.c_str() : "";
}

void tenon_resource_delete(tenon_resource* resource) {
  if (tenon_resource::find(resource) != nullptr && !resource->is_in_arena) delete resource;
}
