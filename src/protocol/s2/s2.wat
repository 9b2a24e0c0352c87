;; Decoding of S2 blocks (block_decoder.ts tells the format), and CRC-32C.
;;
;; Memory: eight tables of 1 KiB for the checksum, then the caller's. Copies
;; read and write up to 15 bytes past their ends.
(module
  (memory (export "memory") 1)

  ;; Table n has what a byte does to the checksum that n others follow.
  (func $make_tables
    (local $i i32) (local $bit i32) (local $value i32)
    (loop $byte
      (local.set $value (local.get $i))
      (local.set $bit (i32.const 8))
      (loop $next
        (local.set $value (i32.xor
          (i32.shr_u (local.get $value) (i32.const 1))
          ;; Castagnoli's polynomial, reversed
          (i32.and (i32.const 0x82f63b78)
            (i32.sub (i32.const 0) (i32.and (local.get $value) (i32.const 1))))))
        (local.set $bit (i32.sub (local.get $bit) (i32.const 1)))
        (br_if $next (local.get $bit)))
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $value))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $byte (i32.lt_u (local.get $i) (i32.const 256))))
    ;; $i goes on through the entries of the other tables.
    (loop $entry
      (local.set $value (i32.load (i32.shl
        (i32.sub (local.get $i) (i32.const 256)) (i32.const 2))))
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (i32.xor
        (i32.shr_u (local.get $value) (i32.const 8))
        (i32.load (i32.shl
          (i32.and (local.get $value) (i32.const 0xff)) (i32.const 2)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $entry (i32.lt_u (local.get $i) (i32.const 2048)))))
  (start $make_tables)

  ;; The checksum of what lies from $at to $end.
  (func (export "crc32c") (param $at i32) (param $end i32) (result i32)
    (local $crc i32) (local $low i32) (local $high i32)
    (local.set $crc (i32.const -1))
    (block $rest
      (loop $next
        (br_if $rest (i32.gt_u (i32.add (local.get $at) (i32.const 8)) (local.get $end)))
        (local.set $low (i32.xor (local.get $crc) (i32.load (local.get $at))))
        (local.set $high (i32.load offset=4 (local.get $at)))
        (local.set $crc (i32.xor
          (i32.xor
            (i32.xor
              (i32.load offset=7168 (i32.shl (i32.and (local.get $low) (i32.const 0xff)) (i32.const 2)))
              (i32.load offset=6144 (i32.and (i32.shr_u (local.get $low) (i32.const 6)) (i32.const 0x3fc))))
            (i32.xor
              (i32.load offset=5120 (i32.and (i32.shr_u (local.get $low) (i32.const 14)) (i32.const 0x3fc)))
              (i32.load offset=4096 (i32.and (i32.shr_u (local.get $low) (i32.const 22)) (i32.const 0x3fc)))))
          (i32.xor
            (i32.xor
              (i32.load offset=3072 (i32.shl (i32.and (local.get $high) (i32.const 0xff)) (i32.const 2)))
              (i32.load offset=2048 (i32.and (i32.shr_u (local.get $high) (i32.const 6)) (i32.const 0x3fc))))
            (i32.xor
              (i32.load offset=1024 (i32.and (i32.shr_u (local.get $high) (i32.const 14)) (i32.const 0x3fc)))
              (i32.load (i32.and (i32.shr_u (local.get $high) (i32.const 22)) (i32.const 0x3fc)))))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $crc (i32.xor
          (i32.shr_u (local.get $crc) (i32.const 8))
          (i32.load (i32.shl (i32.and (i32.const 0xff)
            (i32.xor (local.get $crc) (i32.load8_u (local.get $at)))) (i32.const 2)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.xor (local.get $crc) (i32.const -1)))

  ;; The number in the $size (1 to 4) bytes at $at.
  (func $number (param $at i32) (param $size i32) (result i32)
    (i32.and (i32.load (local.get $at))
      (i32.shr_u (i32.const -1)
        (i32.shl (i32.sub (i32.const 4) (local.get $size)) (i32.const 3)))))

  ;; Copies at least $length bytes, 16 a step: they lie 16 bytes apart or more.
  (func $copy (param $to i32) (param $from i32) (param $length i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $length)))
    (loop $next
      (v128.store (local.get $to) (v128.load (local.get $from)))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $to) (local.get $end)))))

  ;; Copies $length bytes that stand $offset, less than 16, before $to: the
  ;; first ones one by one, until what repeats itself is 16 bytes long.
  (func $repeat (param $to i32) (param $offset i32) (param $length i32)
    (local $from i32) (local $end i32) (local $apart i32)
    (local.set $from (i32.sub (local.get $to) (local.get $offset)))
    (local.set $end (i32.add (local.get $to) (local.get $length)))
    ;; The least multiple of $offset that is 16 or more.
    (local.set $apart (i32.mul (local.get $offset) (i32.div_u
      (i32.add (local.get $offset) (i32.const 15)) (local.get $offset))))
    (loop $next
      (i32.store8 (local.get $to) (i32.load8_u
        (i32.sub (local.get $to) (local.get $offset))))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (br_if $next (i32.and
        (i32.lt_u (local.get $to) (local.get $end))
        (i32.lt_u (i32.sub (local.get $to) (local.get $from)) (local.get $apart)))))
    (if (i32.lt_u (local.get $to) (local.get $end))
      (then (call $copy (local.get $to) (local.get $from)
        (i32.sub (local.get $end) (local.get $to))))))

  ;; Decodes the elements from $from to $end; they have to fill what lies from
  ;; $start to $limit. Returns 0 when they don't, or make no sense.
  (func (export "decode")
    (param $from i32) (param $end i32) (param $start i32) (param $limit i32)
    (result i32)
    (local $to i32) (local $tag i32) (local $length i32)
    (local $offset i32) (local $near i32) (local $extra i32)
    (local.set $to (local.get $start))
    (block $done
      (loop $element
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $tag (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (if (i32.eqz (i32.and (local.get $tag) (i32.const 3)))
          (then
            ;; A literal. $length is less by one until it is known to be small.
            (local.set $length (i32.shr_u (local.get $tag) (i32.const 2)))
            (if (i32.ge_u (local.get $length) (i32.const 60))
              (then
                (local.set $extra (i32.sub (local.get $length) (i32.const 59)))
                (if (i32.gt_u (i32.add (local.get $from) (local.get $extra)) (local.get $end))
                  (then (return (i32.const 0))))
                (local.set $length (call $number (local.get $from) (local.get $extra)))
                (local.set $from (i32.add (local.get $from) (local.get $extra)))))
            (if (i32.or
                (i32.ge_u (local.get $length) (i32.sub (local.get $limit) (local.get $to)))
                (i32.ge_u (local.get $length) (i32.sub (local.get $end) (local.get $from))))
              (then (return (i32.const 0))))
            (local.set $length (i32.add (local.get $length) (i32.const 1)))
            (call $copy (local.get $to) (local.get $from) (local.get $length))
            (local.set $from (i32.add (local.get $from) (local.get $length)))
            (local.set $to (i32.add (local.get $to) (local.get $length)))
            (br $element)))
        (if (i32.eq (i32.and (local.get $tag) (i32.const 3)) (i32.const 1))
          (then
            (if (i32.ge_u (local.get $from) (local.get $end))
              (then (return (i32.const 0))))
            (local.set $near (i32.or
              (i32.shl (i32.and (local.get $tag) (i32.const 0xe0)) (i32.const 3))
              (i32.load8_u (local.get $from))))
            (local.set $length (i32.and
              (i32.shr_u (local.get $tag) (i32.const 2)) (i32.const 7)))
            (local.set $from (i32.add (local.get $from) (i32.const 1)))
            (if (local.get $near)
              (then (local.set $offset (local.get $near)))
              (else
                (if (i32.gt_u (local.get $length) (i32.const 4))
                  (then
                    (local.set $extra (i32.sub (local.get $length) (i32.const 4)))
                    (if (i32.gt_u (i32.add (local.get $from) (local.get $extra)) (local.get $end))
                      (then (return (i32.const 0))))
                    (local.set $length (i32.add
                      (call $number (local.get $from) (local.get $extra))
                      (select (i32.const 4)
                        (i32.shl (i32.const 1) (i32.sub
                          (i32.shl (local.get $extra) (i32.const 3)) (i32.const 8)))
                        (i32.eq (local.get $extra) (i32.const 1)))))
                    (local.set $from (i32.add (local.get $from) (local.get $extra)))))))
            (local.set $length (i32.add (local.get $length) (i32.const 4))))
          (else
            ;; Two bytes of offset for kind 2, four for kind 3.
            (local.set $extra (i32.shl
              (i32.sub (i32.and (local.get $tag) (i32.const 3)) (i32.const 1))
              (i32.const 1)))
            (if (i32.gt_u (i32.add (local.get $from) (local.get $extra)) (local.get $end))
              (then (return (i32.const 0))))
            (local.set $length (i32.add
              (i32.shr_u (local.get $tag) (i32.const 2)) (i32.const 1)))
            (local.set $offset (call $number (local.get $from) (local.get $extra)))
            (local.set $from (i32.add (local.get $from) (local.get $extra)))))
        (if (i32.or
            (i32.eqz (local.get $offset))
            (i32.or
              (i32.gt_u (local.get $offset) (i32.sub (local.get $to) (local.get $start)))
              (i32.gt_u (local.get $length) (i32.sub (local.get $limit) (local.get $to)))))
          (then (return (i32.const 0))))
        (if (i32.ge_u (local.get $offset) (i32.const 16))
          (then
            (call $copy (local.get $to)
              (i32.sub (local.get $to) (local.get $offset)) (local.get $length)))
          (else
            (call $repeat (local.get $to) (local.get $offset) (local.get $length))))
        (local.set $to (i32.add (local.get $to) (local.get $length)))
        (br $element)))
    (i32.eq (local.get $to) (local.get $limit))))
