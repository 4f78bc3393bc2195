// Test support: the metadata that packr's macros made.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "packr/package_type.h"
#include "packr/package_types.h"
#include "packr/test_vectors.h"

namespace tenon::packr {

inline const std::vector<std::string> kMetadataVectors = {
    "adder", "doubler", "echo", "logger", "sexpr", "all", "generic-0.21.0"};

inline Bytes read_metadata_vector(const std::string& name) {
  std::ifstream file(TENON_SOURCE_DIR "/tests/vectors/pack_types-" + name + ".cgrf",
                     std::ios::binary);
  Bytes bytes(std::istreambuf_iterator<char>(file), {});
  EXPECT_FALSE(bytes.empty()) << name;
  return bytes;
}

// A type as interface-hashes.jsonl has it: {"__case", "tag", "p"}.
inline PackageType package_type_of_json(const Json& json) {
  PackageType made{static_cast<TypeTag>(json.at("tag").get<std::uint32_t>())};
  if (text_of(json, "__case") == "ref") made.tag = TypeTag::Parameter;
  if (json.at("p").empty()) return made;
  const Json& payload = json["p"][0];
  if (made.tag == TypeTag::List || made.tag == TypeTag::Option) {
    made.parts = {package_type_of_json(payload)};
  } else if (made.tag == TypeTag::Result) {
    made.parts = {package_type_of_json(payload["ok"]), package_type_of_json(payload["err"])};
  } else if (made.tag == TypeTag::Tuple) {
    for (const Json& part : payload) made.parts.push_back(package_type_of_json(part));
  } else {
    made.name = text_of(payload, "name");
    const bool is_record = made.tag == TypeTag::Record;
    if (made.tag != TypeTag::Parameter)
      for (const Json& member : payload[is_record ? "fields" : "cases"]) {
        const Json& type = member[is_record ? "type" : "payload"];
        made.members.push_back({text_of(member, "name"), {}});
        if (!type.is_null()) made.members.back().types = {package_type_of_json(type)};
      }
  }
  return made;
}

inline PackageFunctionType package_function_of_json(const Json& json) {
  PackageFunctionType made{text_of(json, "interface"), text_of(json, "name"), {}, {}};
  for (const Json& param : json["params"])
    made.params.push_back({text_of(param, "name"), package_type_of_json(param["type"])});
  for (const Json& result : json["results"]) made.results.push_back(package_type_of_json(result));
  return made;
}

}  // namespace tenon::packr
