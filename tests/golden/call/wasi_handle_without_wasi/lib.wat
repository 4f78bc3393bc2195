;; passes standard error on
(component
  (import "wasi:io/streams@0.2.0" (instance $streams (export "output-stream" (type (sub resource)))))
  (alias export $streams "output-stream" (type $stream))
  (import "wasi:cli/stderr@0.2.0" (instance $stderr
    (export "output-stream" (type $s (eq $stream)))
    (export "get-stderr" (func (result (own $s))))))
  (export "t:pass/streams" (instance $streams))
  (export "t:pass/stderr" (instance $stderr)))
