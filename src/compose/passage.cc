#include "compose/passage.h"

#include <memory>

#include "binary/write_component.h"
#include "compose/level.h"
#include "compose/places.h"
#include "compose/type_encoder.h"
#include "resolve/plan.h"
#include "support/check.h"

namespace tenon::compose {

namespace {

class PassageWriter final {
 public:
  PassageWriter(const types::Types& types, const Passage& passage)
      : types_(types), passage_(passage), classes_(make_plan(types, plan_)), places_(out_) {}

  std::vector<std::uint8_t> write() && {
    for (const types::NamedItem& import : passage_.imports) write_import(import);
    for (const PassedExport& exported : passage_.exports) write_export(exported);
    return std::move(out_).finish().bytes;
  }

 private:
  // Without edges, so that each type is a class of its own.
  static const resolve::LinkPlan& make_plan(const types::Types& types, resolve::LinkPlan& plan) {
    plan.types = std::shared_ptr<const types::Types>(std::shared_ptr<void>(), &types);
    plan.resource_class = std::make_shared<const std::vector<types::ResourceId>>();
    return plan;
  }

  void write_import(const types::NamedItem& import) {
    TypeEncoder encoder(types_, classes_, places_, {&named_});
    const binary::ExternDesc desc = encoder.bound(import.item);
    const std::uint32_t index = out_.import_item({.text = import.name}, desc);
    imports_.push_back(places_.at({sort_of(import.item), index}));
    name_types(types_, classes_, places_, imports_.back(), import.name, import.item, named_);
  }

  void write_export(const PassedExport& exported) {
    if (!exported.bundle) {
      out_.export_item({.text = exported.name}, find(exported.item));
      return;
    }
    std::vector<binary::InlineExport> items;
    for (const auto& [name, item] : *exported.bundle) items.push_back({{.text = name}, find(item)});
    out_.export_item({.text = exported.name}, {binary::Sort::Instance, out_.add_instance(items)});
  }

  binary::SortIndex find(const PassedItem& passed) {
    PlaceId place = imports_[passed.import];
    types::Item item = passage_.imports[passed.import].item;
    for (const std::string& name : passed.path) {
      const auto* instance = std::get_if<types::InstanceId>(&item);
      TENON_CHECK(instance != nullptr);
      const types::NamedItem* inner = types_.instances[*instance].find_export(name);
      TENON_CHECK(inner != nullptr);
      item = inner->item;
      place = places_.inside(place, sort_of(item), name);
    }
    return places_.item(place);
  }

  const types::Types& types_;
  const Passage& passage_;
  resolve::LinkPlan plan_;
  TypeClasses classes_;
  binary::ComponentWriter out_;
  Places places_;
  TypeTable named_;
  std::vector<PlaceId> imports_;
};

}  // namespace

std::vector<std::uint8_t> write_passage(const types::Types& types, const Passage& passage) {
  return PassageWriter(types, passage).write();
}

}  // namespace tenon::compose
