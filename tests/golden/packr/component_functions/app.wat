;; A command that ends well if both functions give what they should.
(component
  (import "acme:calc/api@1.2.0" (instance $calc
    (export "same" (func (param "n" s64) (result s64)))
    (export "sum" (func (param "a" s64) (param "b" s64) (result s64)))))
  (core func $same (canon lower (func $calc "same")))
  (core func $sum (canon lower (func $calc "sum")))
  (core module $app
    (import "calc" "same" (func $same (param i64) (result i64)))
    (import "calc" "sum" (func $sum (param i64 i64) (result i64)))
    (func (export "run") (result i32)
      (i64.ne (call $sum (call $same (i64.const 20)) (i64.const 22)) (i64.const 42))))
  (core instance $made (instantiate $app
    (with "calc" (instance (export "same" (func $same)) (export "sum" (func $sum))))))
  (func $run (result (result)) (canon lift (core func $made "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $command)))
