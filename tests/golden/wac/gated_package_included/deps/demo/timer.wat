(component
  (import "demo:time/clock@0.1.0" (instance $c
    (export "now" (func (result u64))) (export "zone" (func (result string)))))
  (alias export $c "now" (func $now))
  (export "now" (func $now)))
