(component
  (core module $code (memory (export "memory") 1) (func (export "take") (param i32)))
  (core instance $run (instantiate $code))
  (func $bytes (param "from" (stream u8)) (canon lift (core func $run "take")))
  (func $texts (param "from" (stream string)) (canon lift (core func $run "take")))
  (instance $of-bytes (export "take" (func $bytes)))
  (instance $of-texts (export "take" (func $texts)))
  (export "x:y/bytes" (instance $of-bytes))
  (export "x:y/texts" (instance $of-texts)))
