;; `go` and `pong` call `ping` of `t:t/b`; `pong` does not for 0.
(component
  (import "t:t/b" (instance $needs (export "ping" (func (param "n" u32) (result u32)))))
  (core func $call (canon lower (func $needs "ping")))
  (core module $code
    (import "needs" "call" (func $call (param i32) (result i32)))
    (func (export "go") (param i32) (result i32) (call $call (local.get 0)))
    (func (export "give") (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0))
        (then (i32.const 7))
        (else (call $call (i32.sub (local.get 0) (i32.const 1)))))))
  (core instance $given (export "call" (func $call)))
  (core instance $i (instantiate $code (with "needs" (instance $given))))
  (func $give (param "n" u32) (result u32) (canon lift (core func $i "give")))
  (func (export "go") (param "n" u32) (result u32) (canon lift (core func $i "go")))
  (instance $out (export "pong" (func $give)))
  (export "t:t/a" (instance $out)))
