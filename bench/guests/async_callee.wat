;; Three async functions that add two numbers: `add` is a task with a callback that returns at once,
;; `add-stackful` is the same without a callback, and `add-later` returns in its second turn, so that
;; many of its calls can be in progress.
(component
  (core func $context (canon context.get i32 0))
  (core func $set-context (canon context.set i32 0))
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "context" (func $context (result i32)))
    (import "" "set-context" (func $set-context (param i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "add") (param i32 i32) (result i32)
      (call $return (i32.add (local.get 0) (local.get 1)))
      (i32.const 0)) ;; EXIT
    (func (export "add-callback") (param i32 i32 i32) (result i32) unreachable)
    (func (export "add-stackful") (param i32 i32)
      (call $return (i32.add (local.get 0) (local.get 1))))
    (func (export "add-later") (param i32 i32) (result i32)
      (call $set-context (i32.add (local.get 0) (local.get 1)))
      (i32.const 1)) ;; YIELD
    (func (export "add-later-callback") (param i32 i32 i32) (result i32)
      (call $return (call $context))
      (i32.const 0)))
  (core instance $core (instantiate $code (with "" (instance
    (export "context" (func $context)) (export "set-context" (func $set-context))
    (export "return" (func $return))))))
  (func (export "add") async (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $core "add") async (callback (core func $core "add-callback"))))
  (func (export "add-stackful") async (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $core "add-stackful") async))
  (func (export "add-later") async (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $core "add-later") async
      (callback (core func $core "add-later-callback")))))
