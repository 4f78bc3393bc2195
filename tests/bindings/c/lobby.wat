;; Passes a room through both functions of the program, and returns the length of its name then.
(component
  (import "demo:bindings/rooms@1.0.0" (instance $rooms
    (export "door" (type $door (sub resource)))
    (type $room' (record (field "name" string) (field "door" (own $door))))
    (export "room" (type $room (eq $room')))
    (export "open" (func (param "name" string) (result (result $room (error string)))))))
  (alias export $rooms "door" (type $door))
  (alias export $rooms "room" (type $room))
  (import "demo:bindings/guests@1.0.0" (instance $guests
    (alias outer 1 $room (type $room'))
    (export "room" (type $room (eq $room')))
    (export "pass" (func (param "room" $room) (result $room)))
    (export "later" (func async (param "room" $room) (result $room)))))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 64) "lobby")
    (global $free (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
      (local.set $at (global.get $free))
      (global.set $free (i32.add (global.get $free) (local.get $size)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (core func $open (canon lower (func $rooms "open") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core func $pass (canon lower (func $guests "pass") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core func $later (canon lower (func $guests "later") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core func $drop (canon resource.drop $door))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (param i32 i32 i32)))
    (import "" "pass" (func $pass (param i32 i32 i32 i32)))
    (import "" "later" (func $later (param i32 i32 i32 i32)))
    (import "" "drop" (func $drop (param i32)))
    ;; Results are at 0, 16 and 32: each has a name and a door, the first after its case.
    (func (export "visit") (result i32)
      (call $open (i32.const 64) (i32.const 5) (i32.const 0))
      (call $pass (i32.load (i32.const 4)) (i32.load (i32.const 8)) (i32.load (i32.const 12)) (i32.const 16))
      (call $later (i32.load (i32.const 16)) (i32.load (i32.const 20)) (i32.load (i32.const 24)) (i32.const 32))
      (call $drop (i32.load (i32.const 40)))
      (i32.load (i32.const 36))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $libc "memory")) (export "open" (func $open)) (export "pass" (func $pass))
    (export "later" (func $later)) (export "drop" (func $drop))))))
  (func (export "visit") async (result u32) (canon lift (core func $core "visit"))))
