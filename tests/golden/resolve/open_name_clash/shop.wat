;; Asks for `log`.
(component
  (import "log" (instance $lib
    (export "rate" (func (param "x" u64) (result u64)))))
  (alias export $lib "rate" (func $f))
  (export "sum" (func $f)))
