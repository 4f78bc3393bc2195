// Made by `tenon bindgen host-cpp` from the WIT of tenon:pkcs11/host@0.1.0. Do not edit.
#pragma once

#include <tenon/host_glue.h>

static_assert(tenon::host_glue::version >= 2,
              "pkcs11_host.h needs version 2 of <tenon/host_glue.h>, and the one that was "
              "included is older: use the headers of the tenon that generated it");
static_assert(tenon::host_glue::oldest_version <= 2,
              "pkcs11_host.h was generated for version 2 of <tenon/host_glue.h>, and the one "
              "that was included is newer: run `tenon bindgen host-cpp` again");

// tenon:pkcs11/token@0.1.0
namespace pkcs11_host::token {
class session;
class object;
class signer;
class verifier;
class digester;
enum class error_kind : std::uint32_t {
  denied,
  login,
  argument,
  unsupported,
  data,
  token,
  other,
};
struct error {
  error_kind kind = {};
  std::uint32_t code = 0;
  std::string message = {};
  bool operator==(const error&) const = default;
};
struct token_info {
  std::string label = {};
  std::string manufacturer = {};
  std::string model = {};
  std::string serial_number = {};
  bool is_initialized = false;
  bool needs_login = false;
  bool is_write_protected = false;
  bool operator==(const token_info&) const = default;
};
struct slot {
  std::uint64_t id = 0;
  std::string description = {};
  std::optional<token_info> token = {};
  bool operator==(const slot&) const = default;
};
struct mechanism_info {
  std::uint64_t code = 0;
  std::uint64_t min_key_size = 0;
  std::uint64_t max_key_size = 0;
  bool operator==(const mechanism_info&) const = default;
};
enum class access : std::uint32_t {
  read_only,
  read_write,
};
enum class object_class : std::uint32_t {
  data,
  certificate,
  public_key,
  private_key,
  secret_key,
  other,
};
enum class key_type : std::uint32_t {
  rsa,
  ec,
  ec_edwards,
  aes,
  generic_secret,
  other,
};
enum class hash : std::uint32_t {
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
};
struct attribute {
  struct class_ {
    object_class value;
    bool operator==(const class_&) const = default;
  };
  struct key_type {
    ::pkcs11_host::token::key_type value;
    bool operator==(const key_type&) const = default;
  };
  struct label {
    std::string value;
    bool operator==(const label&) const = default;
  };
  struct id {
    std::vector<std::uint8_t> value;
    bool operator==(const id&) const = default;
  };
  struct token {
    bool value;
    bool operator==(const token&) const = default;
  };
  struct private_ {
    bool value;
    bool operator==(const private_&) const = default;
  };
  struct modifiable {
    bool value;
    bool operator==(const modifiable&) const = default;
  };
  struct sensitive {
    bool value;
    bool operator==(const sensitive&) const = default;
  };
  struct extractable {
    bool value;
    bool operator==(const extractable&) const = default;
  };
  struct always_sensitive {
    bool value;
    bool operator==(const always_sensitive&) const = default;
  };
  struct never_extractable {
    bool value;
    bool operator==(const never_extractable&) const = default;
  };
  struct local {
    bool value;
    bool operator==(const local&) const = default;
  };
  struct encrypt {
    bool value;
    bool operator==(const encrypt&) const = default;
  };
  struct decrypt {
    bool value;
    bool operator==(const decrypt&) const = default;
  };
  struct sign {
    bool value;
    bool operator==(const sign&) const = default;
  };
  struct verify {
    bool value;
    bool operator==(const verify&) const = default;
  };
  struct wrap {
    bool value;
    bool operator==(const wrap&) const = default;
  };
  struct unwrap {
    bool value;
    bool operator==(const unwrap&) const = default;
  };
  struct derive {
    bool value;
    bool operator==(const derive&) const = default;
  };
  struct value_ {
    std::vector<std::uint8_t> value;
    bool operator==(const value_&) const = default;
  };
  struct value_len {
    std::uint64_t value;
    bool operator==(const value_len&) const = default;
  };
  struct modulus {
    std::vector<std::uint8_t> value;
    bool operator==(const modulus&) const = default;
  };
  struct modulus_bits {
    std::uint64_t value;
    bool operator==(const modulus_bits&) const = default;
  };
  struct public_exponent {
    std::vector<std::uint8_t> value;
    bool operator==(const public_exponent&) const = default;
  };
  struct ec_params {
    std::vector<std::uint8_t> value;
    bool operator==(const ec_params&) const = default;
  };
  struct ec_point {
    std::vector<std::uint8_t> value;
    bool operator==(const ec_point&) const = default;
  };
  enum class cases { class_, key_type, label, id, token, private_, modifiable, sensitive, extractable, always_sensitive, never_extractable, local, encrypt, decrypt, sign, verify, wrap, unwrap, derive, value_, value_len, modulus, modulus_bits, public_exponent, ec_params, ec_point };
  attribute() = default;
  attribute(class_ init_) : which(std::move(init_)) {}
  attribute(key_type init_) : which(std::move(init_)) {}
  attribute(label init_) : which(std::move(init_)) {}
  attribute(id init_) : which(std::move(init_)) {}
  attribute(token init_) : which(std::move(init_)) {}
  attribute(private_ init_) : which(std::move(init_)) {}
  attribute(modifiable init_) : which(std::move(init_)) {}
  attribute(sensitive init_) : which(std::move(init_)) {}
  attribute(extractable init_) : which(std::move(init_)) {}
  attribute(always_sensitive init_) : which(std::move(init_)) {}
  attribute(never_extractable init_) : which(std::move(init_)) {}
  attribute(local init_) : which(std::move(init_)) {}
  attribute(encrypt init_) : which(std::move(init_)) {}
  attribute(decrypt init_) : which(std::move(init_)) {}
  attribute(sign init_) : which(std::move(init_)) {}
  attribute(verify init_) : which(std::move(init_)) {}
  attribute(wrap init_) : which(std::move(init_)) {}
  attribute(unwrap init_) : which(std::move(init_)) {}
  attribute(derive init_) : which(std::move(init_)) {}
  attribute(value_ init_) : which(std::move(init_)) {}
  attribute(value_len init_) : which(std::move(init_)) {}
  attribute(modulus init_) : which(std::move(init_)) {}
  attribute(modulus_bits init_) : which(std::move(init_)) {}
  attribute(public_exponent init_) : which(std::move(init_)) {}
  attribute(ec_params init_) : which(std::move(init_)) {}
  attribute(ec_point init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const attribute&) const = default;
  std::variant<class_, key_type, label, id, token, private_, modifiable, sensitive, extractable, always_sensitive, never_extractable, local, encrypt, decrypt, sign, verify, wrap, unwrap, derive, value_, value_len, modulus, modulus_bits, public_exponent, ec_params, ec_point> which;
};
enum class attribute_name : std::uint32_t {
  class_,
  key_type,
  label,
  id,
  token,
  private_,
  modifiable,
  sensitive,
  extractable,
  always_sensitive,
  never_extractable,
  local,
  encrypt,
  decrypt,
  sign,
  verify,
  wrap,
  unwrap,
  derive,
  value,
  value_len,
  modulus,
  modulus_bits,
  public_exponent,
  ec_params,
  ec_point,
};
struct pss {
  ::pkcs11_host::token::hash hash = {};
  std::uint32_t salt_bytes = 0;
  bool operator==(const pss&) const = default;
};
struct gcm {
  std::vector<std::uint8_t> iv = {};
  std::vector<std::uint8_t> additional_data = {};
  std::uint32_t tag_bits = 0;
  bool operator==(const gcm&) const = default;
};
struct mechanism {
  struct rsa_pkcs {
    bool operator==(const rsa_pkcs&) const = default;
  };
  struct rsa_pkcs_hashed {
    ::pkcs11_host::token::hash value;
    bool operator==(const rsa_pkcs_hashed&) const = default;
  };
  struct rsa_pss {
    pss value;
    bool operator==(const rsa_pss&) const = default;
  };
  struct rsa_pss_hashed {
    pss value;
    bool operator==(const rsa_pss_hashed&) const = default;
  };
  struct rsa_oaep {
    ::pkcs11_host::token::hash value;
    bool operator==(const rsa_oaep&) const = default;
  };
  struct ecdsa {
    bool operator==(const ecdsa&) const = default;
  };
  struct ecdsa_hashed {
    ::pkcs11_host::token::hash value;
    bool operator==(const ecdsa_hashed&) const = default;
  };
  struct eddsa {
    bool operator==(const eddsa&) const = default;
  };
  struct hmac {
    ::pkcs11_host::token::hash value;
    bool operator==(const hmac&) const = default;
  };
  struct aes_ecb {
    bool operator==(const aes_ecb&) const = default;
  };
  struct aes_cbc {
    std::vector<std::uint8_t> value;
    bool operator==(const aes_cbc&) const = default;
  };
  struct aes_cbc_pad {
    std::vector<std::uint8_t> value;
    bool operator==(const aes_cbc_pad&) const = default;
  };
  struct aes_gcm {
    gcm value;
    bool operator==(const aes_gcm&) const = default;
  };
  struct aes_key_wrap {
    bool operator==(const aes_key_wrap&) const = default;
  };
  struct aes_key_wrap_pad {
    bool operator==(const aes_key_wrap_pad&) const = default;
  };
  enum class cases { rsa_pkcs, rsa_pkcs_hashed, rsa_pss, rsa_pss_hashed, rsa_oaep, ecdsa, ecdsa_hashed, eddsa, hmac, aes_ecb, aes_cbc, aes_cbc_pad, aes_gcm, aes_key_wrap, aes_key_wrap_pad };
  mechanism() = default;
  mechanism(rsa_pkcs init_) : which(std::move(init_)) {}
  mechanism(rsa_pkcs_hashed init_) : which(std::move(init_)) {}
  mechanism(rsa_pss init_) : which(std::move(init_)) {}
  mechanism(rsa_pss_hashed init_) : which(std::move(init_)) {}
  mechanism(rsa_oaep init_) : which(std::move(init_)) {}
  mechanism(ecdsa init_) : which(std::move(init_)) {}
  mechanism(ecdsa_hashed init_) : which(std::move(init_)) {}
  mechanism(eddsa init_) : which(std::move(init_)) {}
  mechanism(hmac init_) : which(std::move(init_)) {}
  mechanism(aes_ecb init_) : which(std::move(init_)) {}
  mechanism(aes_cbc init_) : which(std::move(init_)) {}
  mechanism(aes_cbc_pad init_) : which(std::move(init_)) {}
  mechanism(aes_gcm init_) : which(std::move(init_)) {}
  mechanism(aes_key_wrap init_) : which(std::move(init_)) {}
  mechanism(aes_key_wrap_pad init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const mechanism&) const = default;
  std::variant<rsa_pkcs, rsa_pkcs_hashed, rsa_pss, rsa_pss_hashed, rsa_oaep, ecdsa, ecdsa_hashed, eddsa, hmac, aes_ecb, aes_cbc, aes_cbc_pad, aes_gcm, aes_key_wrap, aes_key_wrap_pad> which;
};
enum class key_kind : std::uint32_t {
  aes,
  generic_secret,
};
struct key_pair_kind {
  struct rsa {
    std::uint32_t value;
    bool operator==(const rsa&) const = default;
  };
  struct ec {
    std::vector<std::uint8_t> value;
    bool operator==(const ec&) const = default;
  };
  struct ec_edwards {
    std::vector<std::uint8_t> value;
    bool operator==(const ec_edwards&) const = default;
  };
  enum class cases { rsa, ec, ec_edwards };
  key_pair_kind() = default;
  key_pair_kind(rsa init_) : which(std::move(init_)) {}
  key_pair_kind(ec init_) : which(std::move(init_)) {}
  key_pair_kind(ec_edwards init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const key_pair_kind&) const = default;
  std::variant<rsa, ec, ec_edwards> which;
};

class session {
 public:
  session() = default;
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  virtual ~session() = default;

  // login-configured: func() -> result<_, error>;
  virtual tenon::expected<void, error> login_configured() = 0;

  // login: func(pin: string) -> result<_, error>;
  virtual tenon::expected<void, error> login(std::string_view pin) = 0;

  // logout: func() -> result<_, error>;
  virtual tenon::expected<void, error> logout() = 0;

  // generate-key: func(kind: key-kind, size-bytes: u32, attributes: list<attribute>) -> result<object, error>;
  virtual tenon::expected<std::shared_ptr<object>, error> generate_key(
      key_kind kind,
      std::uint32_t size_bytes,
      std::span<const attribute> attributes) = 0;

  // generate-key-pair: func(kind: key-pair-kind, public: list<attribute>, private: list<attribute>) -> result<tuple<object, object>, error>;
  virtual tenon::expected<std::tuple<std::shared_ptr<object>, std::shared_ptr<object>>, error>
  generate_key_pair(
      const key_pair_kind& kind,
      std::span<const attribute> public_,
      std::span<const attribute> private_) = 0;

  // create: func(attributes: list<attribute>) -> result<object, error>;
  virtual tenon::expected<std::shared_ptr<object>, error> create(
      std::span<const attribute> attributes) = 0;

  // find: func(attributes: list<attribute>) -> result<list<object>, error>;
  virtual tenon::expected<std::vector<std::shared_ptr<object>>, error> find(
      std::span<const attribute> attributes) = 0;

  // sign: func(key: borrow<object>, mechanism: mechanism, data: list<u8>) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> sign(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism,
      std::span<const std::uint8_t> data) = 0;

  // verify: func(key: borrow<object>, mechanism: mechanism, data: list<u8>, signature: list<u8>) -> result<bool, error>;
  virtual tenon::expected<bool, error> verify(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism,
      std::span<const std::uint8_t> data,
      std::span<const std::uint8_t> signature) = 0;

  // encrypt: func(key: borrow<object>, mechanism: mechanism, data: list<u8>) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> encrypt(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism,
      std::span<const std::uint8_t> data) = 0;

  // decrypt: func(key: borrow<object>, mechanism: mechanism, data: list<u8>) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> decrypt(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism,
      std::span<const std::uint8_t> data) = 0;

  // wrap: func(wrapping: borrow<object>, mechanism: mechanism, key: borrow<object>) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> wrap(
      object& wrapping,
      const ::pkcs11_host::token::mechanism& mechanism,
      object& key) = 0;

  // unwrap: func(unwrapping: borrow<object>, mechanism: mechanism, wrapped: list<u8>, attributes: list<attribute>) -> result<object, error>;
  virtual tenon::expected<std::shared_ptr<object>, error> unwrap(
      object& unwrapping,
      const ::pkcs11_host::token::mechanism& mechanism,
      std::span<const std::uint8_t> wrapped,
      std::span<const attribute> attributes) = 0;

  // digest: func(hash: hash, data: list<u8>) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> digest(
      ::pkcs11_host::token::hash hash,
      std::span<const std::uint8_t> data) = 0;

  // random: func(bytes: u32) -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> random(std::uint32_t bytes) = 0;

  // start-sign: func(key: borrow<object>, mechanism: mechanism) -> result<signer, error>;
  virtual tenon::expected<std::shared_ptr<signer>, error> start_sign(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism) = 0;

  // start-verify: func(key: borrow<object>, mechanism: mechanism) -> result<verifier, error>;
  virtual tenon::expected<std::shared_ptr<verifier>, error> start_verify(
      object& key,
      const ::pkcs11_host::token::mechanism& mechanism) = 0;

  // start-digest: func(hash: hash) -> result<digester, error>;
  virtual tenon::expected<std::shared_ptr<digester>, error> start_digest(
      ::pkcs11_host::token::hash hash) = 0;
};

class object {
 public:
  object() = default;
  object(const object&) = delete;
  object& operator=(const object&) = delete;
  virtual ~object() = default;

  // attributes: func(names: list<attribute-name>) -> result<list<attribute>, error>;
  virtual tenon::expected<std::vector<attribute>, error> attributes(
      std::span<const attribute_name> names) = 0;

  // destroy: func() -> result<_, error>;
  virtual tenon::expected<void, error> destroy() = 0;
};

class signer {
 public:
  signer() = default;
  signer(const signer&) = delete;
  signer& operator=(const signer&) = delete;
  virtual ~signer() = default;

  // update: func(data: list<u8>) -> result<_, error>;
  virtual tenon::expected<void, error> update(std::span<const std::uint8_t> data) = 0;

  // finish: func() -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> finish() = 0;
};

class verifier {
 public:
  verifier() = default;
  verifier(const verifier&) = delete;
  verifier& operator=(const verifier&) = delete;
  virtual ~verifier() = default;

  // update: func(data: list<u8>) -> result<_, error>;
  virtual tenon::expected<void, error> update(std::span<const std::uint8_t> data) = 0;

  // finish: func(signature: list<u8>) -> result<bool, error>;
  virtual tenon::expected<bool, error> finish(std::span<const std::uint8_t> signature) = 0;
};

class digester {
 public:
  digester() = default;
  digester(const digester&) = delete;
  digester& operator=(const digester&) = delete;
  virtual ~digester() = default;

  // update: func(data: list<u8>) -> result<_, error>;
  virtual tenon::expected<void, error> update(std::span<const std::uint8_t> data) = 0;

  // finish: func() -> result<list<u8>, error>;
  virtual tenon::expected<std::vector<std::uint8_t>, error> finish() = 0;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // open: static func(slot: option<u64>, access: access) -> result<session, error>;
  virtual tenon::expected<std::shared_ptr<session>, error> session_open(
      const std::optional<std::uint64_t>& slot,
      ::pkcs11_host::token::access access) = 0;

  // slots: func() -> result<list<slot>, error>;
  virtual tenon::expected<std::vector<::pkcs11_host::token::slot>, error> slots() = 0;

  // mechanisms: func(slot: u64) -> result<list<mechanism-info>, error>;
  virtual tenon::expected<std::vector<mechanism_info>, error> mechanisms(std::uint64_t slot) = 0;
};
}  // namespace pkcs11_host::token

namespace pkcs11_host {
// The base class of a bundle's instances. The derived class also has
// `static create(const tenon::host_config&)`, and can replace `function_flags`.
class instance : public token::exports {
 public:
  instance() = default;
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;
  ~instance() override = default;
  // TENON_MAY_BLOCK, TENON_PURE or 0 for a function, for example
  // "tenon:sqlite/sql#[method]connection.query".
  static constexpr std::uint32_t function_flags(std::string_view /*function*/) { return 0; }
};
}  // namespace pkcs11_host

namespace tenon::host_glue {
template <>
struct record_fields<::pkcs11_host::token::error> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::error;
    return std::make_tuple(&type::kind, &type::code, &type::message);
  }
};
template <>
struct record_fields<::pkcs11_host::token::token_info> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::token_info;
    return std::make_tuple(&type::label, &type::manufacturer, &type::model, &type::serial_number, &type::is_initialized, &type::needs_login, &type::is_write_protected);
  }
};
template <>
struct record_fields<::pkcs11_host::token::slot> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::slot;
    return std::make_tuple(&type::id, &type::description, &type::token);
  }
};
template <>
struct record_fields<::pkcs11_host::token::mechanism_info> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::mechanism_info;
    return std::make_tuple(&type::code, &type::min_key_size, &type::max_key_size);
  }
};
template <>
struct record_fields<::pkcs11_host::token::pss> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::pss;
    return std::make_tuple(&type::hash, &type::salt_bytes);
  }
};
template <>
struct record_fields<::pkcs11_host::token::gcm> {
  static constexpr auto get() {
    using type = ::pkcs11_host::token::gcm;
    return std::make_tuple(&type::iv, &type::additional_data, &type::tag_bits);
  }
};
}  // namespace tenon::host_glue

namespace pkcs11_host {
// TENON_HOST_MODULE finds these three by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// Each row has a hash of the function's type, which the host compares with the WIT.
template <class Type>
constexpr std::array<tenon_func_def, 29> module_functions(const instance*) {
  return {{
      {"tenon:pkcs11/token", "[static]session.open",
       &tenon::host_glue::call_function<instance, &token::exports::session_open>,
       0x2fbcb0ea9b20930bU, Type::function_flags("tenon:pkcs11/token#[static]session.open")},
      {"tenon:pkcs11/token", "slots",
       &tenon::host_glue::call_function<instance, &token::exports::slots>,
       0x93003d00ee2dd38dU, Type::function_flags("tenon:pkcs11/token#slots")},
      {"tenon:pkcs11/token", "mechanisms",
       &tenon::host_glue::call_function<instance, &token::exports::mechanisms>,
       0xca18eb8c75aee23fU, Type::function_flags("tenon:pkcs11/token#mechanisms")},
      {"tenon:pkcs11/token", "[method]session.login-configured",
       &tenon::host_glue::call_method<instance, &token::session::login_configured>,
       0xf0b3cb342e10888aU, Type::function_flags("tenon:pkcs11/token#[method]session.login-configured")},
      {"tenon:pkcs11/token", "[method]session.login",
       &tenon::host_glue::call_method<instance, &token::session::login>,
       0x96566c718745efe5U, Type::function_flags("tenon:pkcs11/token#[method]session.login")},
      {"tenon:pkcs11/token", "[method]session.logout",
       &tenon::host_glue::call_method<instance, &token::session::logout>,
       0xf0b3cb342e10888aU, Type::function_flags("tenon:pkcs11/token#[method]session.logout")},
      {"tenon:pkcs11/token", "[method]session.generate-key",
       &tenon::host_glue::call_method<instance, &token::session::generate_key>,
       0xac6ac77bef0e3ea9U, Type::function_flags("tenon:pkcs11/token#[method]session.generate-key")},
      {"tenon:pkcs11/token", "[method]session.generate-key-pair",
       &tenon::host_glue::call_method<instance, &token::session::generate_key_pair>,
       0xdafb1e12d11e2dd7U, Type::function_flags("tenon:pkcs11/token#[method]session.generate-key-pair")},
      {"tenon:pkcs11/token", "[method]session.create",
       &tenon::host_glue::call_method<instance, &token::session::create>,
       0xc80dc01855ed8ac2U, Type::function_flags("tenon:pkcs11/token#[method]session.create")},
      {"tenon:pkcs11/token", "[method]session.find",
       &tenon::host_glue::call_method<instance, &token::session::find>,
       0x3611aceb4545f85cU, Type::function_flags("tenon:pkcs11/token#[method]session.find")},
      {"tenon:pkcs11/token", "[method]session.sign",
       &tenon::host_glue::call_method<instance, &token::session::sign>,
       0x470843a922e32008U, Type::function_flags("tenon:pkcs11/token#[method]session.sign")},
      {"tenon:pkcs11/token", "[method]session.verify",
       &tenon::host_glue::call_method<instance, &token::session::verify>,
       0x2d107df7ab875d3fU, Type::function_flags("tenon:pkcs11/token#[method]session.verify")},
      {"tenon:pkcs11/token", "[method]session.encrypt",
       &tenon::host_glue::call_method<instance, &token::session::encrypt>,
       0x470843a922e32008U, Type::function_flags("tenon:pkcs11/token#[method]session.encrypt")},
      {"tenon:pkcs11/token", "[method]session.decrypt",
       &tenon::host_glue::call_method<instance, &token::session::decrypt>,
       0x470843a922e32008U, Type::function_flags("tenon:pkcs11/token#[method]session.decrypt")},
      {"tenon:pkcs11/token", "[method]session.wrap",
       &tenon::host_glue::call_method<instance, &token::session::wrap>,
       0x64410cd812f9a31bU, Type::function_flags("tenon:pkcs11/token#[method]session.wrap")},
      {"tenon:pkcs11/token", "[method]session.unwrap",
       &tenon::host_glue::call_method<instance, &token::session::unwrap>,
       0xc1c08029a675f6beU, Type::function_flags("tenon:pkcs11/token#[method]session.unwrap")},
      {"tenon:pkcs11/token", "[method]session.digest",
       &tenon::host_glue::call_method<instance, &token::session::digest>,
       0x3c95e4ae14d914c5U, Type::function_flags("tenon:pkcs11/token#[method]session.digest")},
      {"tenon:pkcs11/token", "[method]session.random",
       &tenon::host_glue::call_method<instance, &token::session::random>,
       0x718712414e8c260cU, Type::function_flags("tenon:pkcs11/token#[method]session.random")},
      {"tenon:pkcs11/token", "[method]session.start-sign",
       &tenon::host_glue::call_method<instance, &token::session::start_sign>,
       0x7208211b742187a6U, Type::function_flags("tenon:pkcs11/token#[method]session.start-sign")},
      {"tenon:pkcs11/token", "[method]session.start-verify",
       &tenon::host_glue::call_method<instance, &token::session::start_verify>,
       0x9d44ab92311b9663U, Type::function_flags("tenon:pkcs11/token#[method]session.start-verify")},
      {"tenon:pkcs11/token", "[method]session.start-digest",
       &tenon::host_glue::call_method<instance, &token::session::start_digest>,
       0x5243258bffad4accU, Type::function_flags("tenon:pkcs11/token#[method]session.start-digest")},
      {"tenon:pkcs11/token", "[method]object.attributes",
       &tenon::host_glue::call_method<instance, &token::object::attributes>,
       0xe9ffb82d1f4060abU, Type::function_flags("tenon:pkcs11/token#[method]object.attributes")},
      {"tenon:pkcs11/token", "[method]object.destroy",
       &tenon::host_glue::call_method<instance, &token::object::destroy>,
       0x62863534488863cdU, Type::function_flags("tenon:pkcs11/token#[method]object.destroy")},
      {"tenon:pkcs11/token", "[method]signer.update",
       &tenon::host_glue::call_method<instance, &token::signer::update>,
       0xbc4603d0d918d07bU, Type::function_flags("tenon:pkcs11/token#[method]signer.update")},
      {"tenon:pkcs11/token", "[method]signer.finish",
       &tenon::host_glue::call_method<instance, &token::signer::finish>,
       0x8ae665791ec2816bU, Type::function_flags("tenon:pkcs11/token#[method]signer.finish")},
      {"tenon:pkcs11/token", "[method]verifier.update",
       &tenon::host_glue::call_method<instance, &token::verifier::update>,
       0x61234005b6de2691U, Type::function_flags("tenon:pkcs11/token#[method]verifier.update")},
      {"tenon:pkcs11/token", "[method]verifier.finish",
       &tenon::host_glue::call_method<instance, &token::verifier::finish>,
       0x1a5e80e47fe5f218U, Type::function_flags("tenon:pkcs11/token#[method]verifier.finish")},
      {"tenon:pkcs11/token", "[method]digester.update",
       &tenon::host_glue::call_method<instance, &token::digester::update>,
       0x932c6a3f2b83505aU, Type::function_flags("tenon:pkcs11/token#[method]digester.update")},
      {"tenon:pkcs11/token", "[method]digester.finish",
       &tenon::host_glue::call_method<instance, &token::digester::finish>,
       0x24e13a8ff8c819caU, Type::function_flags("tenon:pkcs11/token#[method]digester.finish")},
  }};
}
constexpr std::array<tenon_resource_def, 5> module_resources(const instance*) {
  return {{
      {"tenon:pkcs11/token", "session",
       &tenon::host_glue::drop_resource<instance, token::session>},
      {"tenon:pkcs11/token", "object",
       &tenon::host_glue::drop_resource<instance, token::object>},
      {"tenon:pkcs11/token", "signer",
       &tenon::host_glue::drop_resource<instance, token::signer>},
      {"tenon:pkcs11/token", "verifier",
       &tenon::host_glue::drop_resource<instance, token::verifier>},
      {"tenon:pkcs11/token", "digester",
       &tenon::host_glue::drop_resource<instance, token::digester>},
  }};
}
}  // namespace pkcs11_host
