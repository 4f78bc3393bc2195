;; Has two more levels, and items with a second field.
(component
  (core module $code
    (func (export "same") (param i32) (result i32) (local.get 0))
    (func (export "take") (param i32 i32 i32) (result i32)
      (i32.add (local.get 0) (i32.mul (local.get 1) (i32.const 1000)))))
  (core instance $run (instantiate $code))
  (type $level' (enum "idle" "low" "high" "urgent"))
  (export $level "level-type" (type $level'))
  (type $item' (record (field "a" u32) (field "color" (option u32))))
  (export $item "item-type" (type $item'))
  (func $rank (param "l" $level) (result u32) (canon lift (core func $run "same")))
  (func $next (param "n" u32) (result $level) (canon lift (core func $run "same")))
  (func $take (param "i" $item) (result u32) (canon lift (core func $run "take")))
  (func $plain (param "n" u32) (result u32) (canon lift (core func $run "same")))
  (instance $own
    (export "level" (type $level)) (export "item" (type $item))
    (export "rank" (func $rank)) (export "next" (func $next))
    (export "take" (func $take)) (export "plain" (func $plain)))
  (export "x:y/lib" (instance $own)))
