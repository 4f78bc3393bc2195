(component
  (type $bucket (resource (rep i32)))
  (core func $new (canon resource.new $bucket))
  (core module $code
    (import "host" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 1))))
  (core instance $run (instantiate $code (with "host" (instance (export "new" (func $new))))))
  (func $make (result (own $bucket)) (canon lift (core func $run "make")))
  (component $shim
    (import "bucket" (type $b (sub resource)))
    (import "make" (func $make (result (own $b))))
    (export $out "bucket" (type $b))
    (type $pair' (record (field "held" (own $out))))
    (export $pair "pair" (type $pair'))
    (type $crate' (record (field "first" $pair)))
    (export "crate" (type $crate'))
    (export "make" (func $make) (func (result (own $out)))))
  (instance $lib (instantiate $shim (with "bucket" (type $bucket)) (with "make" (func $make))))
  (export "acme:kv/store" (instance $lib)))
