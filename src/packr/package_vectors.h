// Test support: metadata that packr's macros generated.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

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

// Reads a type of interface-hashes.jsonl: {"__case", "tag", "p"}.
inline PackageType package_type_of_json(const Json& json) {
  PackageType result{static_cast<TypeTag>(json.at("tag").get<std::uint32_t>())};
  if (text_of(json, "__case") == "ref") result.tag = TypeTag::Parameter;
  if (json.at("p").empty()) return result;
  const Json& payload = json["p"][0];
  if (result.tag == TypeTag::List || result.tag == TypeTag::Option) {
    result.parts = {package_type_of_json(payload)};
  } else if (result.tag == TypeTag::Result) {
    result.parts = {package_type_of_json(payload["ok"]), package_type_of_json(payload["err"])};
  } else if (result.tag == TypeTag::Tuple) {
    for (const Json& part : payload) result.parts.push_back(package_type_of_json(part));
  } else {
    result.name = text_of(payload, "name");
    const bool is_record = result.tag == TypeTag::Record;
    if (result.tag != TypeTag::Parameter)
      for (const Json& member : payload[is_record ? "fields" : "cases"]) {
        const Json& type = member[is_record ? "type" : "payload"];
        result.members.push_back({text_of(member, "name"), {}});
        if (!type.is_null()) result.members.back().types = {package_type_of_json(type)};
      }
  }
  return result;
}

inline PackageFunctionType package_function_of_json(const Json& json) {
  PackageFunctionType function{text_of(json, "interface"), text_of(json, "name"), {}, {}};
  for (const Json& param : json["params"])
    function.params.push_back({text_of(param, "name"), package_type_of_json(param["type"])});
  for (const Json& result : json["results"])
    function.results.push_back(package_type_of_json(result));
  return function;
}

}  // namespace tenon::packr
