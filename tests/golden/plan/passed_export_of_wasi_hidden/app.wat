;; Exports a function of WASI, which is async, and one that is not.
(component
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
    (export "now" (func (result u64)))
    (export "wait-for" (func async (param "how-long" u64)))))
  (export "acme:app/clock" (instance $clock)))
