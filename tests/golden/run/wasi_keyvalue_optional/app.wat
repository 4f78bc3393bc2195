;; Reads from a store.
(component
  (import "wasi:keyvalue/store@0.2.0" (instance $store
    (export "bucket" (type (sub resource)))))
  (alias export $store "bucket" (type $bucket))
  (import "wasi:keyvalue/atomics@0.2.0" (instance $atomics
    (alias outer 1 $bucket (type $outer))
    (export "bucket" (type $named (eq $outer)))
    (export "increment" (func (param "bucket" (borrow $named)) (result u64)))))
  (core module $code (func (export "run") (result i32) (i32.const 0)))
  (core instance $run (instantiate $code))
  (func $f (result (result)) (canon lift (core func $run "run")))
  (instance $cli (export "run" (func $f)))
  (export "wasi:cli/run@0.2.6" (instance $cli)))
