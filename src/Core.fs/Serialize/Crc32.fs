namespace Functional.Serialize

open System
open System.Buffers.Binary

/// The checksum of zip files: CRC-32 with the reflected polynomial EDB88320, eight bytes at a time (Kounavis, Berry 2005).
[<RequireQualifiedAccess>]
module internal Crc32 =
    let private tables =
        let byteStep (crc: uint32) =
            Seq.fold (fun crc _ -> if crc &&& 1u = 1u then (crc >>> 1) ^^^ 0xEDB88320u else crc >>> 1) crc [ 1..8 ]

        let first = Array.init 256 (uint32 >> byteStep)

        // Table k moves a byte on by k bytes of zeros.
        (first, [| 1..7 |])
        ||> Array.scan (fun table _ -> table |> Array.map (fun crc -> (crc >>> 8) ^^^ first[int (crc &&& 0xFFu)]))
        |> Array.concat

    /// The checksum of what `crc` is the checksum of, with more bytes behind it. That of nothing is 0.
    let append (crc: uint32) (bytes: ReadOnlySpan<byte>) =
        let at table (value: uint32) = tables[256 * table + int (value &&& 0xFFu)]
        let mutable crc = ~~~crc
        let mutable i = 0

        while i + 8 <= bytes.Length do
            let low = crc ^^^ BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice i)
            let high = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(i + 4))

            crc <-
                at 7 low
                ^^^ at 6 (low >>> 8)
                ^^^ at 5 (low >>> 16)
                ^^^ at 4 (low >>> 24)
                ^^^ at 3 high
                ^^^ at 2 (high >>> 8)
                ^^^ at 1 (high >>> 16)
                ^^^ at 0 (high >>> 24)

            i <- i + 8

        while i < bytes.Length do
            crc <- (crc >>> 8) ^^^ at 0 (crc ^^^ uint32 bytes[i])
            i <- i + 1

        ~~~crc

    let compute (bytes: ReadOnlySpan<byte>) = append 0u bytes
