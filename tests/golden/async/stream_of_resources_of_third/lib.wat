;; Adds the numbers of the resources of a stream, which are those of `store`.
(component
  (import "x:y/store" (instance $store
    (export "item" (type $item (sub resource)))
    (export "number" (func (param "of" (borrow $item)) (result u32)))))
  (alias export $store "item" (type $item))
  (type $items (stream (own $item)))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $number (canon lower (func $store "number")))
  (core func $read (canon stream.read $items (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $items))
  (core func $drop-item (canon resource.drop $item))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "number" (func $number (param i32) (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-item" (func $drop-item (param i32)))
    (import "" "return" (func $return (param i32)))
    ;; Reads items of a size, two at a time, until the other side has dropped its end. Returns how
    ;; many there are at the address.
    (func $read-items (param $stream i32) (param $at i32) (param $size i32) (result i32)
      (local $count i32) (local $status i32)
      (loop $again
        (local.set $status (call $read (local.get $stream)
          (i32.add (local.get $at) (i32.mul (local.get $count) (local.get $size))) (i32.const 2)))
        (local.set $count
          (i32.add (local.get $count) (i32.shr_u (local.get $status) (i32.const 4))))
        (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (local.get $stream))
      (local.get $count))
    (func (export "sum") (param $stream i32)
      (local $end i32) (local $at i32) (local $sum i32)
      (local.set $at (i32.const 64))
      (local.set $end (i32.add (i32.const 64) (i32.mul (i32.const 4)
        (call $read-items (local.get $stream) (i32.const 64) (i32.const 4)))))
      (loop $next
        (local.set $sum (i32.add (local.get $sum) (call $number (i32.load (local.get $at)))))
        (call $drop-item (i32.load (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
      (call $return (local.get $sum))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "number" (func $number))
    (export "read" (func $read)) (export "drop-readable" (func $drop-readable))
    (export "drop-item" (func $drop-item)) (export "return" (func $return))))))
  (func $sum async (param "from" $items) (result u32) (canon lift (core func $core "sum") async))
  (component $shim
    (import "item" (type $item (sub resource)))
    (import "sum" (func $sum async (param "from" (stream (own $item))) (result u32)))
    (export $out "item" (type $item))
    (export "sum" (func $sum)
      (func async (param "from" (stream (own $out))) (result u32))))
  (instance $lib (instantiate $shim (with "item" (type $item)) (with "sum" (func $sum))))
  (export "x:y/lib" (instance $lib)))
