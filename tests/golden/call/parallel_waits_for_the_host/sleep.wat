;; Waits for a clock, and then returns the time.
(component
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
    (export "wait-for" (func async (param "how-long" u64)))))
  (core func $wait-for (canon lower (func $clock "wait-for")))
  (core func $return (canon task.return (result u64)))
  (core module $code
    (import "" "wait-for" (func $wait-for (param i64)))
    (import "" "return" (func $return (param i64)))
    (func (export "sleep") (param $milliseconds i64)
      (call $wait-for (i64.mul (local.get $milliseconds) (i64.const 1000000)))
      (call $return (local.get $milliseconds))))
  (core instance $core (instantiate $code (with "" (instance
    (export "wait-for" (func $wait-for)) (export "return" (func $return))))))
  (func (export "sleep") async (param "milliseconds" u64) (result u64)
    (canon lift (core func $core "sleep") async)))
