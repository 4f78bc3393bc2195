;; Calls functions of a resource that nothing provides.
(component
  (import "r" (type $r (sub resource)))
  (import "[constructor]r" (func $new (result (own $r))))
  (import "[static]r.count" (func $count (result u32)))
  (core func $new' (canon lower (func $new)))
  (core func $count' (canon lower (func $count)))
  (core module $m
    (import "" "new" (func $new (result i32)))
    (import "" "count" (func $count (result i32)))
    (func (export "make") (result i32) (call $new))
    (func (export "take") (param i32))
    (func (export "count") (result i32) (call $count)))
  (core instance $i (instantiate $m
    (with "" (instance (export "new" (func $new')) (export "count" (func $count'))))))
  (func (export "make") (result (own $r)) (canon lift (core func $i "make")))
  (func (export "take") (param "thing" (own $r)) (canon lift (core func $i "take")))
  (func (export "count") (result u32) (canon lift (core func $i "count"))))
