;; The service of tools/remote_figures.py: `add`, like bench/wrpc_peer, also as an async function, and
;; `echo`, which returns its argument.
(component
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "return" (func $return (param i32)))
    (memory (export "memory") 64)
    ;; The argument is at 0x10000. Each call overwrites that of the last one.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0x10000))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "add-async") (param i32 i32) (result i32)
      (call $return (i32.add (local.get 0) (local.get 1)))
      (i32.const 0)) ;; EXIT
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable)
    (func (export "echo") (param $at i32) (param $size i32) (result i32)
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (local.get $size))
      (i32.const 16)))
  (core instance $core (instantiate $code (with "" (instance (export "return" (func $return))))))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $core "add")))
  (func $add-async async (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $core "add-async") async (callback (core func $core "callback"))))
  (func $echo (param "data" (list u8)) (result (list u8))
    (canon lift (core func $core "echo") (memory $core "memory")
      (realloc (func $core "realloc"))))
  (instance $math (export "add" (func $add)))
  (export "bench:remote/math@0.1.0" (instance $math))
  (instance $tasks (export "add" (func $add-async)))
  (export "bench:remote/tasks@0.1.0" (instance $tasks))
  (instance $bytes (export "echo" (func $echo)))
  (export "bench:remote/bytes@0.1.0" (instance $bytes)))
