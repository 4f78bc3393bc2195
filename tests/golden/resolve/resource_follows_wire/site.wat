;; Makes a bucket in the store and hands it to the backup: both must speak of one resource.
(component
  (import "acme:kv/store@1.0.0" (instance $store
    (export "bucket" (type $b (sub resource)))
    (export "make" (func (result (own $b))))))
  (alias export $store "bucket" (type $bucket))
  (import "acme:kv/backup@1.0.0" (instance $backup
    (alias outer 1 $bucket (type $outer))
    (export "bucket" (type $b (eq $outer)))
    (export "size" (func (param "of" (borrow $b)) (result u32)))))
  (core func $make (canon lower (func $store "make")))
  (core func $size (canon lower (func $backup "size")))
  (core module $code
    (import "host" "make" (func $make (result i32)))
    (import "host" "size" (func $size (param i32) (result i32)))
    (func (export "total") (result i32) (call $size (call $make))))
  (core instance $run (instantiate $code
    (with "host" (instance (export "make" (func $make)) (export "size" (func $size))))))
  (func (export "total") (result u32) (canon lift (core func $run "total"))))
