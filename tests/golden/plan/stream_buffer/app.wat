;; Passes two streams to `lib`, of which only that of bytes has a buffer.
(component
  (import "x:y/bytes" (instance
    (export "take" (func (param "from" (stream u8))))))
  (import "x:y/texts" (instance
    (export "take" (func (param "from" (stream string)))))))
