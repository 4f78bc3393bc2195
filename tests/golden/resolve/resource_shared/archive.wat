;; Works on the buckets of a store: `bucket` in its backup is the store's.
(component
  (import "acme:kv/store@1.0.0" (instance $store
    (export "bucket" (type (sub resource)))))
  (alias export $store "bucket" (type $bucket))
  (core module $code (func (export "size") (param i32) (result i32) i32.const 1))
  (core instance $run (instantiate $code))
  (func $size (param "of" (borrow $bucket)) (result u32) (canon lift (core func $run "size")))
  (component $shim
    (import "bucket" (type $b (sub resource)))
    (import "size" (func $size (param "of" (borrow $b)) (result u32)))
    (export $out "bucket" (type $b))
    (export "size" (func $size) (func (param "of" (borrow $out)) (result u32))))
  (instance $lib (instantiate $shim (with "bucket" (type $bucket)) (with "size" (func $size))))
  (export "acme:kv/backup@1.0.0" (instance $lib)))
