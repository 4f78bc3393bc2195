;; A plugin of the server. It waits 10 ms for each byte of a line, and answers in capital letters.
(component
  (import "acme:server/timers" (instance $timers
    (export "wait" (func async (param "ms" u32)))))

  ;; Blocks of 1 KiB, in a list of free ones: each block begins with the address of the next.
  (core module $blocks
    (memory (export "memory") 0)
    (global $free (mut i32) (i32.const 0))
    (func (export "realloc") (param $old i32) (param i32 i32) (param $size i32) (result i32)
      (local $block i32)
      (if (i32.or (local.get $old) (i32.gt_u (local.get $size) (i32.const 1024))) (then unreachable))
      (if (i32.eqz (local.get $size)) (then (return (i32.const 1024))))
      (if (i32.eqz (global.get $free)) (then (call $add_page)))
      (local.set $block (global.get $free))
      (global.set $free (i32.load (local.get $block)))
      (local.get $block))
    (func $release (export "release") (param $block i32)
      (i32.store (local.get $block) (global.get $free))
      (global.set $free (local.get $block)))
    (func $add_page
      (local $block i32) (local $end i32)
      (local.set $block (memory.grow (i32.const 1)))
      (if (i32.eq (local.get $block) (i32.const -1)) (then unreachable))
      (local.set $block (i32.shl (local.get $block) (i32.const 16)))
      (local.set $end (i32.add (local.get $block) (i32.const 65536)))
      (loop $next
        ;; Not the one at 0, which means that there is none.
        (if (local.get $block) (then (call $release (local.get $block))))
        (local.set $block (i32.add (local.get $block) (i32.const 1024)))
        (br_if $next (i32.lt_u (local.get $block) (local.get $end))))))
  (core instance $blocks (instantiate $blocks))
  (alias core export $blocks "memory" (core memory $memory))
  (alias core export $blocks "realloc" (core func $realloc))

  (core func $wait (canon lower (func $timers "wait")))
  (core func $return (canon task.return (result string) (memory $memory)))
  (core module $code
    (import "blocks" "memory" (memory 0))
    (import "blocks" "release" (func $release (param i32)))
    (import "host" "wait" (func $wait (param i32)))
    (import "host" "return" (func $return (param i32 i32)))
    (func (export "answer") (param $line i32) (param $size i32)
      (local $at i32) (local $end i32) (local $byte i32)
      (call $wait (i32.mul (local.get $size) (i32.const 10)))
      (local.set $at (local.get $line))
      (local.set $end (i32.add (local.get $line) (local.get $size)))
      (block $done
        (loop $next
          (br_if $done (i32.eq (local.get $at) (local.get $end)))
          (local.set $byte (i32.load8_u (local.get $at)))
          ;; From `a` to `z`.
          (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
            (then (i32.store8 (local.get $at) (i32.sub (local.get $byte) (i32.const 32)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next)))
      (call $return (local.get $line) (local.get $size))
      (if (local.get $size) (then (call $release (local.get $line))))))
  (core instance $code (instantiate $code
    (with "blocks" (instance $blocks))
    (with "host" (instance (export "wait" (func $wait)) (export "return" (func $return))))))
  (func (export "answer") async (param "line" string) (result string)
    (canon lift (core func $code "answer") async (memory $memory) (realloc $realloc))))
