;; The same labels, in front of two stores: their numbers are 11 and 22.
(component
  (component $c1
    (type $b' (resource (rep i32)))
    (core func $new (canon resource.new $b'))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "open") (result i32) (call $new (i32.const 1)))
      (func (export "size") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 11))))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (export $b "bucket" (type $b'))
    (func (export "open") (result (own $b)) (canon lift (core func $i "open")))
    (func (export "[method]bucket.size") (param "self" (borrow $b)) (result u32)
      (canon lift (core func $i "size"))))
  (instance $x1 (instantiate $c1))
  (component $c2
    (type $b' (resource (rep i32)))
    (core func $new (canon resource.new $b'))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "open") (result i32) (call $new (i32.const 2)))
      (func (export "size") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 11))))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (export $b "bucket" (type $b'))
    (func (export "open") (result (own $b)) (canon lift (core func $i "open")))
    (func (export "[method]bucket.size") (param "self" (borrow $b)) (result u32)
      (canon lift (core func $i "size"))))
  (instance $x2 (instantiate $c2))
  (export "primary" (implements "t:kv/store@2.0.0") (instance $x1))
  (export "back-up" (implements "t:kv/store@2.0.0") (instance $x2)))
