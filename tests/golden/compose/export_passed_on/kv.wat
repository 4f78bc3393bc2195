;; Makes its own buckets.
(component
  (type $bucket (resource (rep i32)))
  (core func $new (canon resource.new $bucket))
  (core module $code
    (import "host" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 7)))
    (func (export "kind") (param i32) (result i32) (i32.eq (local.get 0) (i32.const 7))))
  (core instance $run (instantiate $code
    (with "host" (instance (export "new" (func $new))))))
  (func $make (result (own $bucket)) (canon lift (core func $run "make")))
  (type $kind (enum "cold" "hot"))
  (func $kind_of (param "of" (borrow $bucket)) (result $kind) (canon lift (core func $run "kind")))
  (component $shim
    (import "bucket" (type $b (sub resource)))
    (type $kind (enum "cold" "hot"))
    (import "kind" (type $k (eq $kind)))
    (import "make" (func $make (result (own $b))))
    (import "kind-of" (func $kind_of (param "of" (borrow $b)) (result $k)))
    (export $out "bucket" (type $b))
    (export $out_kind "kind" (type $k))
    (export "make" (func $make) (func (result (own $out))))
    (export "kind-of" (func $kind_of) (func (param "of" (borrow $out)) (result $out_kind))))
  (instance $lib (instantiate $shim (with "bucket" (type $bucket)) (with "kind" (type $kind))
    (with "make" (func $make)) (with "kind-of" (func $kind_of))))
  (export "acme:kv/store@1.0.0" (instance $lib)))
