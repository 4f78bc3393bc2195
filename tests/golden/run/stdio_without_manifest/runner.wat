;; A root that runs what `hello` exports.
(component
  (import "wasi:cli/run@0.2.12" (instance $hello (export "run" (func (result (result))))))
  (core func $run-hello (canon lower (func $hello "run")))
  (core module $m
    (import "hello" "run" (func $run (result i32)))
    (func (export "run") (result i32) (call $run)))
  (core instance $i (instantiate $m (with "hello" (instance (export "run" (func $run-hello))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.12" (instance $exported)))
