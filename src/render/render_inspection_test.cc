#include "render/render_inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "render/json.h"

namespace tenon::render::render_inspection_test {

using testing::HasSubstr;

namespace {

constexpr Style kPlain{Color::No, Charset::Utf8};

Inspection make_inspection() {
  Inspection inspection;
  inspection.file = "tax.wasm";
  inspection.bytes = 42188;
  inspection.version = "1.3.1";
  inspection.digest = "00ff";
  inspection.imports = {
      {"wasi:cli/environment@0.2.6", PlanItemKind::Instance, {"get-environment", "get-arguments"}}};
  inspection.exports = {{"acme:tax/lib@1.3.1", PlanItemKind::Instance, {"lookup", "rates"}},
                        {"now", PlanItemKind::Function, {}}};
  inspection.producers = {{"language", "C11", ""}, {"processed-by", "wit-component", "0.254.0"}};
  inspection.parts = {
      {"core module", "main", 8, 40008, {{"custom section", "name", 100, 2148, {}}}},
      {"component", "", 40008, 42188, {}}};
  return inspection;
}

}  // namespace

TEST(RenderInspection, ListsImportsExportsAndProducers) {
  EXPECT_EQ(render_inspection(make_inspection(), kPlain),
            "tax.wasm: component, 41.2 KiB, version 1.3.1\n"
            "imports\n"
            "  wasi:cli/environment@0.2.6   get-environment, get-arguments\n"
            "exports\n"
            "  acme:tax/lib@1.3.1           lookup, rates\n"
            "  now                          function\n"
            "producers\n"
            "  language       C11\n"
            "  processed-by   wit-component 0.254.0\n"
            "parts: 1 core module, 1 nested component\n");
}

TEST(RenderInspection, LongListsAreWrapped) {
  Inspection inspection = make_inspection();
  inspection.imports[0].functions.assign(9, "[method]descriptor.read");
  const std::string text = render_inspection(inspection, kPlain);
  EXPECT_THAT(text, HasSubstr("read,\n                               [method]descriptor.read"));
}

TEST(RenderInspection, SizesAreATreeWithPercentages) {
  EXPECT_EQ(render_sizes(make_inspection(), kPlain),
            "tax.wasm                       41.2 KiB  100.0 %\n"
            "├─ core module `main`          39.1 KiB   94.8 %\n"
            "│  └─ custom section `name`     2.0 KiB    4.9 %\n"
            "└─ component                    2.1 KiB    5.2 %\n");
}

TEST(RenderInspection, DigestHasTheFormatOfSha256sum) {
  EXPECT_EQ(render_digest(make_inspection()), "00ff  tax.wasm\n");
}

TEST(RenderInspection, JsonHasAllMembers) {
  const JsonValue json = JsonValue::parse(render_inspection_json(make_inspection()));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["kind"], "component");
  EXPECT_TRUE(json["name"].is_null());
  EXPECT_EQ(json["exports"][1]["kind"], "function");
  EXPECT_EQ(json["parts"][0]["parts"][0]["name"], "name");
}

}  // namespace tenon::render::render_inspection_test
