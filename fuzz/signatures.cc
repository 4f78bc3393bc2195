// Property: any bytes are rejected with a reason as a document of a signature, as a list of signatures
// and as a key, or are read as one whose digests have their form; a key of the input accepts no
// signature of it.
#include "registry/signatures.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "registry/public_key.h"
#include "registry/source.h"
#include "require.h"

namespace {

using namespace tenon;
using namespace tenon::registry;

constexpr std::string_view kBundle = "application/vnd.dev.sigstore.bundle.v0.3+json";

void check_statement(const Result<SignedStatement, ManifestError>& statement) {
  if (!statement) return require(!statement.error().reason.empty());
  require(!statement->digests.empty() && !statement->message.empty());
  require(std::ranges::all_of(statement->digests, is_oci_digest));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  check_statement(parse_simple_signing(bytes, "AQID"));
  check_statement(parse_sigstore_bundle(bytes));
  if (const auto layers = parse_cosign_layers(bytes))
    for (const CosignLayer& layer : *layers) require(is_oci_digest(layer.payload.digest));
  if (const auto index = parse_oci_index(bytes, kBundle))
    for (const OciDescriptor& manifest : *index) require(is_oci_digest(manifest.digest));
  const Result<PublicKey, std::string> key =
      PublicKey::parse({reinterpret_cast<const char*>(data), size});
  if (!key) {
    require(!key.error().empty());
    return 0;
  }
  const Result<bool, std::string> verified = key->verifies(bytes, bytes);
  require(!verified || !*verified);
  return 0;
}
