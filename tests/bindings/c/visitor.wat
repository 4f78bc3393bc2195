;; Calls `hold` of the program, and waits.
(component
  (import "hold" (func $hold async (param "number" u32) (result u32)))
  (core func $hold (canon lower (func $hold)))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "hold" (func $hold (param i32) (result i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "visit") (param i32) (call $return (call $hold (local.get 0)))))
  (core instance $core (instantiate $code (with "" (instance
    (export "hold" (func $hold)) (export "return" (func $return))))))
  (func (export "visit") async (param "number" u32) (result u32)
    (canon lift (core func $core "visit") async)))
