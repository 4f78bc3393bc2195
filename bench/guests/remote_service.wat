;; The service of tools/remote_figures.py: `add`, like bench/wrpc_peer, and `echo`, which returns its
;; argument.
(component
  (core module $code
    (memory (export "memory") 64)
    ;; The argument is at 0x10000. Each call overwrites that of the last one.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0x10000))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "echo") (param $at i32) (param $size i32) (result i32)
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (local.get $size))
      (i32.const 16)))
  (core instance $core (instantiate $code))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $core "add")))
  (func $echo (param "data" (list u8)) (result (list u8))
    (canon lift (core func $core "echo") (memory $core "memory")
      (realloc (func $core "realloc"))))
  (instance $math (export "add" (func $add)))
  (export "bench:remote/math@0.1.0" (instance $math))
  (instance $bytes (export "echo" (func $echo)))
  (export "bench:remote/bytes@0.1.0" (instance $bytes)))
