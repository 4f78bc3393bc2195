;; has streams of another unit, and standard error of WASI, which uses their types
(component
  (import "wasi:io/streams@0.2.0" (instance $streams (export "output-stream" (type (sub resource)))))
  (alias export $streams "output-stream" (type $stream))
  (import "wasi:cli/stderr@0.2.0" (instance $stderr
    (export "output-stream" (type $s (eq $stream)))
    (export "get-stderr" (func (result (own $s))))))
  (core func $get (canon lower (func $stderr "get-stderr")))
  (core func $drop (canon resource.drop $stream))
  (core module $code
    (import "" "get" (func $get (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "run") (result i32) (call $drop (call $get)) (i32.const 7)))
  (core instance $run (instantiate $code (with "" (instance (export "get" (func $get)) (export "drop" (func $drop))))))
  (func (export "run") (result u32) (canon lift (core func $run "run"))))
