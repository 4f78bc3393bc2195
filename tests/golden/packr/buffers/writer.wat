;; Makes a buffer of two parts, and passes it to its import.
(component
  (import "tenon:buffer/buffers@0.1.0" (instance $buffers
    (export "buffer" (type $buffer (sub resource)))
    (export "[constructor]buffer" (func (result (own $buffer))))
    (export "[method]buffer.write" (func (param "self" (borrow $buffer)) (param "part" (list u8))))))
  (alias export $buffers "buffer" (type $buffer))
  (import "acme:sink/sink" (instance $sink
    (alias outer 1 $buffer (type $b))
    (export "buffer" (type $eq (eq $b)))
    (export "take" (func (param "b" (own $eq)) (result s64)))))
  (core module $memory (memory (export "memory") 1) (data (i32.const 64) "abcdef"))
  (core instance $m (instantiate $memory))
  (alias core export $m "memory" (core memory $mem))
  (core func $new (canon lower (func $buffers "[constructor]buffer")))
  (core func $write (canon lower (func $buffers "[method]buffer.write") (memory $mem)))
  (core func $take (canon lower (func $sink "take")))
  (core module $code
    (import "h" "new" (func $new (result i32)))
    (import "h" "write" (func $write (param i32 i32 i32)))
    (import "h" "take" (func $take (param i32) (result i64)))
    (func (export "run") (result i64) (local $b i32)
      (local.set $b (call $new))
      (call $write (local.get $b) (i32.const 64) (i32.const 4))
      (call $write (local.get $b) (i32.const 68) (i32.const 2))
      (call $take (local.get $b))))
  (core instance $i (instantiate $code (with "h" (instance
    (export "new" (func $new)) (export "write" (func $write)) (export "take" (func $take))))))
  (func (export "run") (result s64) (canon lift (core func $i "run"))))
