;; Passes the store on, beside an interface and a function that use its types.
(component
  (type $kind (enum "cold" "hot"))
  (import "acme:kv/store@1.0.0" (instance $store
    (alias outer 1 $kind (type $outer))
    (export "bucket" (type $b (sub resource)))
    (export "kind" (type $k (eq $outer)))
    (export "make" (func (result (own $b))))
    (export "kind-of" (func (param "of" (borrow $b)) (result $k)))))
  (alias export $store "bucket" (type $bucket))
  (alias export $store "kind" (type $of_store))
  (alias export $store "make" (func $make))
  (alias export $store "kind-of" (func $kind_of))
  (export "acme:kv/store@1.0.0" (instance $store))
  (core func $lowered_make (canon lower (func $make)))
  (core func $lowered_kind (canon lower (func $kind_of)))
  (core func $drop (canon resource.drop $bucket))
  (core module $code
    (import "kv" "make" (func $make (result i32)))
    (import "kv" "kind" (func $kind (param i32) (result i32)))
    (func (export "open") (result i32) (call $make))
    (func (export "kind") (result i32) (call $kind (call $make))))
  (core instance $run (instantiate $code
    (with "kv" (instance (export "make" (func $lowered_make)) (export "kind" (func $lowered_kind))))))
  (func $open (result (own $bucket)) (canon lift (core func $run "open")))
  (instance $api (export "bucket" (type $bucket)) (export "open" (func $open)))
  (export "acme:kv/api@1.0.0" (instance $api))
  (func (export "kind") (result $of_store) (canon lift (core func $run "kind"))))
