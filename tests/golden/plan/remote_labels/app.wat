;; Two imports of one interface: `g` is 1000 times the number of `primary` plus that of `back-up`.
(component
  (import "primary" (implements "t:kv/store@1.0.0") (instance $a
    (export "bucket" (type $b (sub resource)))
    (export "open" (func (result (own $b))))
    (export "[method]bucket.size" (func (param "self" (borrow $b)) (result u32)))))
  (import "back-up" (implements "t:kv/store@1.0.0") (instance $b
    (export "bucket" (type $b (sub resource)))
    (export "open" (func (result (own $b))))
    (export "[method]bucket.size" (func (param "self" (borrow $b)) (result u32)))))
  (core func $oa (canon lower (func $a "open")))
  (core func $sa (canon lower (func $a "[method]bucket.size")))
  (core func $ob (canon lower (func $b "open")))
  (core func $sb (canon lower (func $b "[method]bucket.size")))
  (core module $m
    (import "" "oa" (func $oa (result i32)))
    (import "" "sa" (func $sa (param i32) (result i32)))
    (import "" "ob" (func $ob (result i32)))
    (import "" "sb" (func $sb (param i32) (result i32)))
    (func (export "g") (result i32)
      (i32.add (i32.mul (i32.const 1000) (call $sa (call $oa))) (call $sb (call $ob)))))
  (core instance $i (instantiate $m (with "" (instance
    (export "oa" (func $oa)) (export "sa" (func $sa)) (export "ob" (func $ob)) (export "sb" (func $sb))))))
  (func (export "g") (result u32) (canon lift (core func $i "g"))))
