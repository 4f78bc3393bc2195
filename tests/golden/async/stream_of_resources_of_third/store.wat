;; Resources with a number.
(component
  (type $item (resource (rep i32)))
  (core func $new (canon resource.new $item))
  (core module $code
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "number") (param i32) (result i32) (local.get 0)))
  (core instance $core (instantiate $code (with "" (instance (export "new" (func $new))))))
  (func $make (param "number" u32) (result (own $item)) (canon lift (core func $core "make")))
  (func $number (param "of" (borrow $item)) (result u32) (canon lift (core func $core "number")))
  (component $shim
    (import "item" (type $item (sub resource)))
    (import "make" (func $make (param "number" u32) (result (own $item))))
    (import "number" (func $number (param "of" (borrow $item)) (result u32)))
    (export $out "item" (type $item))
    (export "make" (func $make) (func (param "number" u32) (result (own $out))))
    (export "number" (func $number) (func (param "of" (borrow $out)) (result u32))))
  (instance $store (instantiate $shim (with "item" (type $item)) (with "make" (func $make))
    (with "number" (func $number))))
  (export "x:y/store" (instance $store)))
