namespace Functional

open System
open System.Threading

[<Sealed; AllowNullLiteral>]
type private Entry(hash: int, key: int[], fused: Fused, next: Entry) =
    member _.Hash = hash
    member _.Key = key
    member _.Fused = fused
    member _.Next = next

/// A key being written: a growing list of integers and their hash.
[<Sealed>]
type internal ProgramKey() =
    let mutable words: int[] = Array.zeroCreate 256
    let mutable count = 0
    let mutable hash = 0

    member _.Words = ReadOnlySpan(words, 0, count)
    member _.Hash = hash

    member _.Clear() =
        count <- 0
        hash <- 17

    member _.Add(word: int) =
        if count = words.Length then
            Array.Resize(&words, 2 * count)

        words[count] <- word
        count <- count + 1
        hash <- (hash ^^^ word) * 0x01000193
        hash <- hash ^^^ (hash >>> 15)

/// Fused programs by their key. Entries never change, so reading needs no lock; adding is for one thread at a time.
[<Sealed>]
type internal FusedCache() =
    // Structures that keep changing would fill memory for ever; starting over costs one fusion each.
    static let capacity = 4096
    let mutable buckets: Entry[] = Array.zeroCreate 1024
    let mutable count = 0

    /// Null where there is none.
    member _.Find(key: ProgramKey) : Fused =
        let buckets = Volatile.Read &buckets
        let mutable entry = buckets[key.Hash &&& (buckets.Length - 1)]

        while not (isNull entry) && not (entry.Hash = key.Hash && key.Words.SequenceEqual(ReadOnlySpan entry.Key)) do
            entry <- entry.Next

        if isNull entry then null else entry.Fused

    member _.Add(key: ProgramKey, fused: Fused) =
        if count >= capacity then
            Volatile.Write(&buckets, Array.zeroCreate buckets.Length)
            count <- 0

        let place = key.Hash &&& (buckets.Length - 1)
        Volatile.Write(&buckets[place], Entry(key.Hash, key.Words.ToArray(), fused, buckets[place]))
        count <- count + 1
