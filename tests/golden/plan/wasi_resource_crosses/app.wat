;; Gives an output stream of WASI away.
(component $app
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type (sub resource)))))
  (alias export $streams "output-stream" (type $stream))
  (import "x:y/log@1.0.0" (instance
    (alias outer $app $stream (type $used))
    (export "output-stream" (type $s (eq $used)))
    (export "attach" (func (param "to" (own $s))))))
  (core module $m (func (export "run")))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run"))))
