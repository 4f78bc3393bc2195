;; Exits with 0 if it gets the answer.
(component
  (import "acme:greet/api@1.2.0" (instance $api (export "answer" (func (result u32)))))
  (core func $answer (canon lower (func $api "answer")))
  (core module $m
    (import "api" "answer" (func $answer (result i32)))
    (func (export "run") (result i32) (i32.ne (call $answer) (i32.const 42))))
  (core instance $i (instantiate $m (with "api" (instance (export "answer" (func $answer))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.6" (instance $command)))
