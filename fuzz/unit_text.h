// Text of components whose interfaces use each other's types.
#pragma once

#include <fmt/core.h>

#include <string>
#include <vector>

inline constexpr unsigned kInterfaces = 4;

// An interface with a record, and with a resource and an enum of its own or of the previous
// interface.
struct Shape {
  bool own_resource = true;
  bool own_enum = true;
};
using Shapes = std::vector<Shape>;

inline std::string interface_name(unsigned i) { return fmt::format("f:z/i{}@1.0.0", i); }

// Text of a unit. `$r{i}` and `$e{i}` are the types of interface i, imported or its own.
class UnitText {
 public:
  explicit UnitText(const Shapes& shapes) : shapes_(shapes) {}

  // `imports`, and the interfaces whose types they use.
  [[nodiscard]] unsigned add_used(unsigned imports, unsigned exports) const {
    for (unsigned i = kInterfaces; i-- > 1;)
      if (((imports | exports) >> i & 1) != 0 && uses_last(i)) imports |= 1U << (i - 1);
    return imports;
  }

  // The interfaces that it imports and exports, as bits.
  std::string text(unsigned imports, unsigned exports) {
    imports = add_used(imports, exports);
    out_ = "(component\n";
    for (unsigned i = 0; i < kInterfaces; ++i)
      if ((imports >> i & 1) != 0) import_interface(i);
    if (exports != 0)
      out_ += R"((core module $m (func (export "make") (result i32) unreachable)
        (func (export "see") (param i32 i32) unreachable)
        (func (export "take") (param i32) (result i32) unreachable))
        (core instance $c (instantiate $m)))";
    for (unsigned i = 0; i < kInterfaces; ++i)
      if ((exports >> i & 1) != 0) export_interface(i);
    return out_ + ")";
  }

 private:
  bool uses_last(unsigned i) const {
    return i > 0 && (!shapes_[i].own_resource || !shapes_[i].own_enum);
  }

  void import_interface(unsigned i) {
    const bool new_resource = shapes_[i].own_resource || i == 0;
    const bool new_enum = shapes_[i].own_enum || i == 0;
    out_ += fmt::format("(import \"{}\" (instance $in{}\n", interface_name(i), i);
    out_ += new_resource ? R"((export "r" (type $r (sub resource))))"
                         : fmt::format("(export \"r\" (type $r (eq $r{})))", i - 1);
    out_ += new_enum ? R"((type $n (enum "a" "b")) (export "e" (type $e (eq $n))))"
                     : fmt::format("(export \"e\" (type $e (eq $e{})))", i - 1);
    out_ += R"((type $s (record (field "e" $e) (field "n" u32))) (export "v" (type $v (eq $s)))
      (export "make" (func (result (own $r)))) (export "see" (func (param "v" $v)))
      (export "take" (func (param "r" (borrow $r)) (result $e)))))
)";
    out_ += fmt::format(R"((alias export $in{0} "r" (type $r{0}))
      (alias export $in{0} "e" (type $e{0}))
)",
                        i);
  }

  void export_interface(unsigned i) {
    const bool new_resource = shapes_[i].own_resource || i == 0;
    const bool new_enum = shapes_[i].own_enum || i == 0;
    out_ += new_resource ? fmt::format("(type $xr{} (resource (rep i32)))", i)
                         : fmt::format("(alias outer 0 $r{} (type $xr{}))", i - 1, i);
    out_ += new_enum ? fmt::format("(type $xe{} (enum \"a\" \"b\"))", i)
                     : fmt::format("(alias outer 0 $e{} (type $xe{}))", i - 1, i);
    out_ += fmt::format(R"((type $xv{0} (record (field "e" $xe{0}) (field "n" u32)))
      (func $make{0} (result (own $xr{0})) (canon lift (core func $c "make")))
      (func $see{0} (param "v" $xv{0}) (canon lift (core func $c "see")))
      (func $take{0} (param "r" (borrow $xr{0})) (result $xe{0}) (canon lift (core func $c "take")))
      (instance $out{0} (export "r" (type $xr{0})) (export "e" (type $xe{0}))
        (export "v" (type $xv{0})) (export "make" (func $make{0})) (export "see" (func $see{0}))
        (export "take" (func $take{0})))
      (export "{1}" (instance $out{0}))
)",
                        i, interface_name(i));
  }

  const Shapes& shapes_;
  std::string out_;
};
