(component
  (core module $m
    (func (export "level") (result i32) i32.const 1)
    (func (export "tail") (param i32))
    (func (export "wait")))
  (core instance $i (instantiate $m))
  (func $level (result u32) (canon lift (core func $i "level")))
  (func $tail (param "from" error-context) (canon lift (core func $i "tail")))
  (func $wait async (canon lift (core func $i "wait")))
  (instance $log (export "level" (func $level)) (export "tail" (func $tail)) (export "wait" (func $wait)))
  (export "x:y/log@1.0.0" (instance $log)))
