namespace Functional.Serialize

open System
open System.Buffers.Binary

/// The checksum of zip files: CRC-32 with the reflected polynomial EDB88320, eight bytes at a time (Kounavis, Berry 2005), in four
/// stretches at once, since every step of one waits for the step before.
[<RequireQualifiedAccess>]
module internal Crc32 =
    let private polynomial = 0xEDB88320u

    /// A polynomial times x; the lowest power is the highest bit.
    let private timesX power = if power &&& 1u = 1u then (power >>> 1) ^^^ polynomial else power >>> 1

    let private tables =
        let first = Array.init 256 (fun byte -> Seq.fold (fun crc _ -> timesX crc) (uint32 byte) [ 1..8 ])

        // Table k moves a byte on by k bytes of zeros.
        (first, [| 1..7 |])
        ||> Array.scan (fun table _ -> table |> Array.map (fun crc -> (crc >>> 8) ^^^ first[int (crc &&& 0xFFu)]))
        |> Array.concat

    let inline private at (tables: uint32[]) table (value: uint32) = tables[256 * table + int (value &&& 0xFFu)]

    let inline private eight (tables: uint32[]) (crc: uint32) (bytes: ReadOnlySpan<byte>) i =
        let whole = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice i) ^^^ uint64 crc
        let low, high = uint32 whole, uint32 (whole >>> 32)

        at tables 7 low
        ^^^ at tables 6 (low >>> 8)
        ^^^ at tables 5 (low >>> 16)
        ^^^ at tables 4 (low >>> 24)
        ^^^ at tables 3 high
        ^^^ at tables 2 (high >>> 8)
        ^^^ at tables 1 (high >>> 16)
        ^^^ at tables 0 (high >>> 24)

    let private multiply (a: uint32) (b: uint32) =
        let mutable product, power = 0u, b

        for bit in 31..-1..0 do
            if (a >>> bit) &&& 1u = 1u then
                product <- product ^^^ power

            power <- timesX power

        product

    /// What so many bytes of zeros multiply a checksum by: x to the power of their bits.
    let private zeros (count: int) =
        let rec raise result square count =
            if count = 0 then
                result
            else
                raise (if count &&& 1 = 1 then multiply result square else result) (multiply square square) (count >>> 1)

        raise 0x80000000u 0x00800000u count

    let private one (crc: uint32) (bytes: ReadOnlySpan<byte>) =
        let tables = tables
        let mutable crc = ~~~crc
        let mutable i = 0

        while i + 8 <= bytes.Length do
            crc <- eight tables crc bytes i
            i <- i + 8

        while i < bytes.Length do
            crc <- (crc >>> 8) ^^^ at tables 0 (crc ^^^ uint32 bytes[i])
            i <- i + 1

        ~~~crc

    // Shorter ones do not pay for putting checksums together.
    let private shortest = 4096

    /// The checksum of what `crc` is the checksum of, with more bytes behind it. That of nothing is 0.
    let append (crc: uint32) (bytes: ReadOnlySpan<byte>) =
        if bytes.Length < shortest then
            one crc bytes
        else
            let tables = tables
            let length = bytes.Length / 4 &&& ~~~7
            let b = bytes.Slice(length, length)
            let c = bytes.Slice(2 * length, length)
            let d = bytes.Slice(3 * length, length)
            let mutable first, second, third, fourth = ~~~crc, ~~~0u, ~~~0u, ~~~0u
            let mutable i = 0

            while i < length do
                first <- eight tables first bytes i
                second <- eight tables second b i
                third <- eight tables third c i
                fourth <- eight tables fourth d i
                i <- i + 8

            let moved = zeros length
            let behind crc next = multiply moved crc ^^^ ~~~next
            one (behind (behind (behind ~~~first second) third) fourth) (bytes.Slice(4 * length))

    let compute (bytes: ReadOnlySpan<byte>) = append 0u bytes
