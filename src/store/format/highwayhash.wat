;; HighwayHash-64 over the records of message blocks.
;;
;; The state is four vectors of four 64-bit lanes (v0, v1, mul0, mul1), held as
;; two v128 each: $v0a has lanes 0 and 1, $v0b lanes 2 and 3.
;;
;; Memory:
;;     0  carry: bytes that do not fill a packet yet (31 at most; 64 reserved,
;;        as copies go in whole vectors)
;;    64  the last packet, padded
;;    96  32 bytes of 0xff, then 32 of 0x00: a mask of any length
;;   160  state: v0, v1, mul0, mul1
;;   288  the same for a new hash under the current key
;;   416  key
;;   448  results: u64 hash, u32 position, u32 count
;;   512  copies of data that lies elsewhere
;; 65536  the caller's
;;
;; Reads go up to 31 bytes past the end of a range: the last 32 bytes of the
;; memory are not the caller's.
(module
  (import "caller" "memory" (memory 1))
  (global $carried (mut i32) (i32.const 0))

  (data (i32.const 96) "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff")
  ;; mul0 and mul1 of a new hash do not depend on the key.
  (data (i32.const 352)
    "\2f\ce\4c\fe\d5\d5\e6\db\d0\31\9f\29\22\38\09\a4"
    "\44\73\70\03\2e\8a\19\13\d3\08\a3\85\88\6a\3f\24"
    "\93\f5\0e\cb\10\9e\d3\3b\8c\8a\f1\b5\69\f1\ac\c0"
    "\6c\0c\e9\34\cf\66\54\be\77\13\d0\38\e6\21\28\45")

  ;; Takes the key at 416 as the current one.
  (func $set_key (export "setKey")
    (v128.store (i32.const 288)
      (v128.xor (v128.load (i32.const 352)) (v128.load (i32.const 416))))
    (v128.store (i32.const 304)
      (v128.xor (v128.load (i32.const 368)) (v128.load (i32.const 432))))
    (v128.store (i32.const 320)
      (v128.xor (v128.load (i32.const 384)) (call $swap (v128.load (i32.const 416)))))
    (v128.store (i32.const 336)
      (v128.xor (v128.load (i32.const 400)) (call $swap (v128.load (i32.const 432))))))

  ;; Each lane with its halves exchanged.
  (func $swap (param $lanes v128) (result v128)
    (i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11
      (local.get $lanes) (local.get $lanes)))

  ;; Starts a hash.
  (func $begin (export "begin")
    (local $i i32)
    (global.set $carried (i32.const 0))
    (loop $next
      (v128.store offset=160 (local.get $i) (v128.load offset=288 (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 128)))))

  ;; Adds the $left bytes at $from.
  (func $absorb (export "absorb") (param $from i32) (param $left i32)
    (local $v0a v128) (local $v0b v128) (local $v1a v128) (local $v1b v128)
    (local $m0a v128) (local $m0b v128) (local $m1a v128) (local $m1b v128)
    (local $packet i32)
    (local.set $packet (local.get $from))
    (if (global.get $carried)
      (then
        (v128.store (global.get $carried) (v128.load (local.get $from)))
        (v128.store offset=16 (global.get $carried) (v128.load offset=16 (local.get $from)))
        (local.set $packet (i32.const 0))
        (local.set $left (i32.add (local.get $left) (global.get $carried)))
        (local.set $from (i32.sub (local.get $from) (global.get $carried)))))
    (if (i32.lt_u (local.get $left) (i32.const 32))
      (then
        (if (i32.eqz (global.get $carried))
          (then
            (v128.store (i32.const 0) (v128.load (local.get $from)))
            (v128.store (i32.const 16) (v128.load offset=16 (local.get $from)))))
        (global.set $carried (local.get $left))
        (return)))
    (local.set $v0a (v128.load (i32.const 160)))
    (local.set $v0b (v128.load (i32.const 176)))
    (local.set $v1a (v128.load (i32.const 192)))
    (local.set $v1b (v128.load (i32.const 208)))
    (local.set $m0a (v128.load (i32.const 224)))
    (local.set $m0b (v128.load (i32.const 240)))
    (local.set $m1a (v128.load (i32.const 256)))
    (local.set $m1b (v128.load (i32.const 272)))
    (loop $next
      (local.set $v1a (i64x2.add (local.get $v1a)
        (i64x2.add (local.get $m0a) (v128.load (local.get $packet)))))
      (local.set $v1b (i64x2.add (local.get $v1b)
        (i64x2.add (local.get $m0b) (v128.load offset=16 (local.get $packet)))))
      (local.set $m0a (v128.xor (local.get $m0a) (i64x2.extmul_low_i32x4_u
        (i8x16.shuffle 0 1 2 3 8 9 10 11 0 1 2 3 8 9 10 11 (local.get $v1a) (local.get $v1a))
        (i8x16.shuffle 4 5 6 7 12 13 14 15 4 5 6 7 12 13 14 15 (local.get $v0a) (local.get $v0a)))))
      (local.set $m0b (v128.xor (local.get $m0b) (i64x2.extmul_low_i32x4_u
        (i8x16.shuffle 0 1 2 3 8 9 10 11 0 1 2 3 8 9 10 11 (local.get $v1b) (local.get $v1b))
        (i8x16.shuffle 4 5 6 7 12 13 14 15 4 5 6 7 12 13 14 15 (local.get $v0b) (local.get $v0b)))))
      (local.set $v0a (i64x2.add (local.get $v0a) (local.get $m1a)))
      (local.set $v0b (i64x2.add (local.get $v0b) (local.get $m1b)))
      (local.set $m1a (v128.xor (local.get $m1a) (i64x2.extmul_low_i32x4_u
        (i8x16.shuffle 0 1 2 3 8 9 10 11 0 1 2 3 8 9 10 11 (local.get $v0a) (local.get $v0a))
        (i8x16.shuffle 4 5 6 7 12 13 14 15 4 5 6 7 12 13 14 15 (local.get $v1a) (local.get $v1a)))))
      (local.set $m1b (v128.xor (local.get $m1b) (i64x2.extmul_low_i32x4_u
        (i8x16.shuffle 0 1 2 3 8 9 10 11 0 1 2 3 8 9 10 11 (local.get $v0b) (local.get $v0b))
        (i8x16.shuffle 4 5 6 7 12 13 14 15 4 5 6 7 12 13 14 15 (local.get $v1b) (local.get $v1b)))))
      (local.set $v0a (i64x2.add (local.get $v0a)
        (i8x16.shuffle 3 12 2 5 14 1 15 0 11 4 10 13 9 6 8 7 (local.get $v1a) (local.get $v1a))))
      (local.set $v0b (i64x2.add (local.get $v0b)
        (i8x16.shuffle 3 12 2 5 14 1 15 0 11 4 10 13 9 6 8 7 (local.get $v1b) (local.get $v1b))))
      (local.set $v1a (i64x2.add (local.get $v1a)
        (i8x16.shuffle 3 12 2 5 14 1 15 0 11 4 10 13 9 6 8 7 (local.get $v0a) (local.get $v0a))))
      (local.set $v1b (i64x2.add (local.get $v1b)
        (i8x16.shuffle 3 12 2 5 14 1 15 0 11 4 10 13 9 6 8 7 (local.get $v0b) (local.get $v0b))))
      (local.set $from (i32.add (local.get $from) (i32.const 32)))
      (local.set $packet (local.get $from))
      (local.set $left (i32.sub (local.get $left) (i32.const 32)))
      (br_if $next (i32.ge_u (local.get $left) (i32.const 32))))
    (v128.store (i32.const 160) (local.get $v0a))
    (v128.store (i32.const 176) (local.get $v0b))
    (v128.store (i32.const 192) (local.get $v1a))
    (v128.store (i32.const 208) (local.get $v1b))
    (v128.store (i32.const 224) (local.get $m0a))
    (v128.store (i32.const 240) (local.get $m0b))
    (v128.store (i32.const 256) (local.get $m1a))
    (v128.store (i32.const 272) (local.get $m1b))
    (v128.store (i32.const 0) (v128.load (local.get $from)))
    (v128.store (i32.const 16) (v128.load offset=16 (local.get $from)))
    (global.set $carried (local.get $left)))

  ;; Pads what is left to a packet at 64.
  (func $pad
    (local $whole i32)
    (local.set $whole (i32.and (global.get $carried) (i32.const 0x1c)))
    (v128.store (i32.const 64) (v128.and (v128.load (i32.const 0))
      (v128.load (i32.sub (i32.const 128) (local.get $whole)))))
    (v128.store (i32.const 80) (v128.and (v128.load (i32.const 16))
      (v128.load offset=16 (i32.sub (i32.const 128) (local.get $whole)))))
    (if (i32.ge_u (global.get $carried) (i32.const 16))
      (then
        (i32.store (i32.const 92)
          (i32.load (i32.sub (global.get $carried) (i32.const 4)))))
      (else
        (if (i32.ne (local.get $whole) (global.get $carried))
          (then
            (i32.store8 (i32.const 80) (i32.load8_u (local.get $whole)))
            (i32.store8 (i32.const 81) (i32.load8_u (i32.add (local.get $whole)
              (i32.shr_u (i32.and (global.get $carried) (i32.const 3)) (i32.const 1)))))
            (i32.store8 (i32.const 82) (i32.load8_u
              (i32.sub (global.get $carried) (i32.const 1)))))))))

  (func $finish (result i64)
    (local $v0a v128) (local $v0b v128) (local $v1a v128) (local $v1b v128)
    (local $m0a v128) (local $m0b v128) (local $m1a v128) (local $m1b v128)
    (local $pa v128) (local $pb v128) (local $rounds i32)
    (local.set $v0a (v128.load (i32.const 160)))
    (local.set $v0b (v128.load (i32.const 176)))
    (local.set $v1a (v128.load (i32.const 192)))
    (local.set $v1b (v128.load (i32.const 208)))
    (local.set $m0a (v128.load (i32.const 224)))
    (local.set $m0b (v128.load (i32.const 240)))
    (local.set $m1a (v128.load (i32.const 256)))
    (local.set $m1b (v128.load (i32.const 272)))
    (local.set $rounds (i32.const 4))
    (if (global.get $carried)
      (then
        (call $pad)
        (local.set $pa (i32x4.splat (global.get $carried)))
        (local.set $v0a (i64x2.add (local.get $v0a) (local.get $pa)))
        (local.set $v0b (i64x2.add (local.get $v0b) (local.get $pa)))
        (local.set $v1a (v128.or
          (i32x4.shl (local.get $v1a) (global.get $carried))
          (i32x4.shr_u (local.get $v1a) (i32.sub (i32.const 32) (global.get $carried)))))
        (local.set $v1b (v128.or
          (i32x4.shl (local.get $v1b) (global.get $carried))
          (i32x4.shr_u (local.get $v1b) (i32.sub (i32.const 32) (global.get $carried)))))
        (local.set $pa (v128.load (i32.const 64)))
        (local.set $pb (v128.load (i32.const 80)))
        (local.set $rounds (i32.const 5)))
      (else
        (local.set $pa (call $swap (local.get $v0b)))
        (local.set $pb (call $swap (local.get $v0a)))))
    (loop $next
      (local.set $v1a (i64x2.add (local.get $v1a) (i64x2.add (local.get $m0a) (local.get $pa))))
      (local.set $v1b (i64x2.add (local.get $v1b) (i64x2.add (local.get $m0b) (local.get $pb))))
      (local.set $m0a (v128.xor (local.get $m0a) (i64x2.extmul_low_i32x4_u
        (i8x16.shuffle 0 1 2 3 8 9 10 11 0 1 2 3 8 9 10 11 (local.get $v1a) (local.get $v1a))
        (i8x16.shuffle 4 5 6 7 12 13 14 15 4 5 6 7 12 13 14 15 (local.get $v0a) (local.get $v0a)))))
      (local.set $m0b (v128.xor (local.get $m0b) (i64x2.extmul_low_i32x4_u
        (i8x16.shuffle 0 1 2 3 8 9 10 11 0 1 2 3 8 9 10 11 (local.get $v1b) (local.get $v1b))
        (i8x16.shuffle 4 5 6 7 12 13 14 15 4 5 6 7 12 13 14 15 (local.get $v0b) (local.get $v0b)))))
      (local.set $v0a (i64x2.add (local.get $v0a) (local.get $m1a)))
      (local.set $v0b (i64x2.add (local.get $v0b) (local.get $m1b)))
      (local.set $m1a (v128.xor (local.get $m1a) (i64x2.extmul_low_i32x4_u
        (i8x16.shuffle 0 1 2 3 8 9 10 11 0 1 2 3 8 9 10 11 (local.get $v0a) (local.get $v0a))
        (i8x16.shuffle 4 5 6 7 12 13 14 15 4 5 6 7 12 13 14 15 (local.get $v1a) (local.get $v1a)))))
      (local.set $m1b (v128.xor (local.get $m1b) (i64x2.extmul_low_i32x4_u
        (i8x16.shuffle 0 1 2 3 8 9 10 11 0 1 2 3 8 9 10 11 (local.get $v0b) (local.get $v0b))
        (i8x16.shuffle 4 5 6 7 12 13 14 15 4 5 6 7 12 13 14 15 (local.get $v1b) (local.get $v1b)))))
      (local.set $v0a (i64x2.add (local.get $v0a)
        (i8x16.shuffle 3 12 2 5 14 1 15 0 11 4 10 13 9 6 8 7 (local.get $v1a) (local.get $v1a))))
      (local.set $v0b (i64x2.add (local.get $v0b)
        (i8x16.shuffle 3 12 2 5 14 1 15 0 11 4 10 13 9 6 8 7 (local.get $v1b) (local.get $v1b))))
      (local.set $v1a (i64x2.add (local.get $v1a)
        (i8x16.shuffle 3 12 2 5 14 1 15 0 11 4 10 13 9 6 8 7 (local.get $v0a) (local.get $v0a))))
      (local.set $v1b (i64x2.add (local.get $v1b)
        (i8x16.shuffle 3 12 2 5 14 1 15 0 11 4 10 13 9 6 8 7 (local.get $v0b) (local.get $v0b))))
      (local.set $pa (call $swap (local.get $v0b)))
      (local.set $pb (call $swap (local.get $v0a)))
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br_if $next (local.get $rounds)))
    (i64x2.extract_lane 0 (i64x2.add
      (i64x2.add (local.get $v0a) (local.get $v1a))
      (i64x2.add (local.get $m0a) (local.get $m1a)))))

  ;; Ends a hash: it then stands at 448.
  (func (export "end")
    (i64.store (i32.const 448) (call $finish)))

  ;; The hash of the record at $at, whose lengths have been checked: sequence,
  ;; time, subject, header, message, without the lengths between them.
  (func $record (param $at i32) (result i64)
    (local $length i32) (local $subject i32) (local $end i32)
    (local.set $length (i32.load (local.get $at)))
    (local.set $subject (i32.load16_u offset=20 (local.get $at)))
    (local.set $end (i32.add (local.get $at)
      (i32.sub (i32.and (local.get $length) (i32.const 0x7fffffff)) (i32.const 8))))
    (call $begin)
    (call $absorb (i32.add (local.get $at) (i32.const 4)) (i32.const 16))
    (local.set $at (i32.add (local.get $at) (i32.const 22)))
    (if (i32.lt_s (local.get $length) (i32.const 0))
      (then
        (call $absorb (local.get $at) (local.get $subject))
        (local.set $at (i32.add (local.get $at)
          (i32.add (local.get $subject) (i32.const 4))))))
    (call $absorb (local.get $at) (i32.sub (local.get $end) (local.get $at)))
    (call $finish))

  ;; Leaves the checksum of the record at $at at 448.
  (func (export "sum") (param $at i32)
    (i64.store (i32.const 448) (call $record (local.get $at))))

  ;; Where the checksum of the record at $at stands.
  (func $checksum (param $at i32) (result i32)
    (i32.add (local.get $at) (i32.sub
      (i32.and (i32.load (local.get $at)) (i32.const 0x7fffffff)) (i32.const 8))))

  ;; Writes the checksum of the record at $at.
  (func (export "seal") (param $at i32)
    (i64.store (call $checksum (local.get $at)) (call $record (local.get $at))))

  ;; Whether the record at $at, whose lengths have been checked, has its checksum.
  (func $intact (export "intact") (param $at i32) (result i32)
    (i64.eq (i64.load (call $checksum (local.get $at))) (call $record (local.get $at))))

  ;; Whether the lengths of the record at $at are sound and it ends by $end.
  (func $sound (param $at i32) (param $end i32) (result i32)
    (local $length i32) (local $lengths i32)
    (local.set $length (i32.and (i32.load (local.get $at)) (i32.const 0x7fffffff)))
    (local.set $lengths (i32.add (i32.const 30) (i32.add
      (i32.load16_u offset=20 (local.get $at))
      (i32.shl (i32.shr_u (i32.load (local.get $at)) (i32.const 31)) (i32.const 2)))))
    (i32.and
      (i32.and
        (i32.le_u (local.get $length) (i32.const 33554432))
        (i32.ge_u (local.get $length) (local.get $lengths)))
      (i32.le_u (i32.add (local.get $at) (local.get $length)) (local.get $end))))

  ;; Checks the records from $at on until one starts at or behind $until; all of
  ;; them have to end by $end. Leaves the position reached and the number of
  ;; good records at 456. Returns 0, or what is wrong with the record there: 1
  ;; too short for a record, 2 lengths, 3 checksum.
  (func (export "verify") (param $at i32) (param $until i32) (param $end i32) (result i32)
    (local $count i32) (local $fault i32)
    (block $stop
      (loop $next
        (br_if $stop (i32.ge_u (local.get $at) (local.get $until)))
        (local.set $fault (i32.const 1))
        (br_if $stop (i32.gt_u (i32.add (local.get $at) (i32.const 22)) (local.get $end)))
        (local.set $fault (i32.const 2))
        (br_if $stop (i32.eqz (call $sound (local.get $at) (local.get $end))))
        (local.set $fault (i32.const 3))
        (br_if $stop (i32.eqz (call $intact (local.get $at))))
        (local.set $fault (i32.const 0))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (local.set $at (i32.add (local.get $at)
          (i32.and (i32.load (local.get $at)) (i32.const 0x7fffffff))))
        (br $next)))
    (i32.store (i32.const 456) (local.get $at))
    (i32.store (i32.const 460) (local.get $count))
    (local.get $fault)))
