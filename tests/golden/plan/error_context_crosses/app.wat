;; Passes an error context, and calls an async function.
(component
  (import "x:y/log@1.0.0" (instance
    (export "level" (func (result u32)))
    (export "tail" (func (param "from" error-context)))
    (export "wait" (func async))))
  (core module $m (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
