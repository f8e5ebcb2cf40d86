namespace Functional

open System
open System.Buffers.Binary

/// A generator's state as PyTorch keeps it in a tensor of bytes: the seed, how many words are left, the words as 64-bit numbers, and the
/// normal number that waits.
[<RequireQualifiedAccess>]
module GeneratorState =
    let private words = 624
    let private size = 5056
    /// What PyTorch kept before it had a waiting number in single precision.
    let private legacy = 5048
    let private normals = 24 + 8 * words

    let toBytes (source: MersenneTwister) : byte[] =
        let state, next, waiting, seed = source.State
        let bytes = Array.zeroCreate<byte> size
        let put (offset: int) (value: uint64) = BinaryPrimitives.WriteUInt64LittleEndian(Span(bytes, offset, 8), value)
        let put32 (offset: int) (value: int) = BinaryPrimitives.WriteInt32LittleEndian(Span(bytes, offset, 4), value)
        // Freshly seeded words have not been twisted yet: PyTorch then stands before the first one.
        let isFresh = next >= words && state[0] = uint32 seed
        put 0 seed
        put32 8 (if next >= words then 1 else words + 1 - next)
        put32 12 1
        put 16 (if isFresh then 0UL else uint64 next)
        state |> Array.iteri (fun i word -> put (24 + 8 * i) (uint64 word))

        match waiting with
        | ValueSome number ->
            put (normals + 8) (BitConverter.DoubleToUInt64Bits number)
            put32 (normals + 24) 1
        | ValueNone -> ()

        bytes

    /// Raises ShapeException where it is no such state.
    let restore (source: MersenneTwister) (bytes: byte[]) =
        if bytes.Length <> size && bytes.Length <> legacy then
            raise (
                Functional.Contract.ShapeException
                    $"Expected either a CPUGeneratorImplStateLegacy of size {legacy} or a CPUGeneratorImplState of size {size} but found the input RNG state size to be {bytes.Length}"
            )

        let read (offset: int) = BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan(bytes, offset, 8))
        let read32 (offset: int) = BinaryPrimitives.ReadInt32LittleEndian(ReadOnlySpan(bytes, offset, 4))
        let left, next = read32 8, int (read 16)

        if read32 12 <> 1 || left < 1 || left > words || next < 0 || next > words then
            raise (Functional.Contract.ArgumentValueException "Invalid mt19937 state")

        let waiting =
            if read32 (normals + 24) = 1 then
                ValueSome(BitConverter.UInt64BitsToDouble(read (normals + 8)))
            else
                ValueNone

        let state = Array.init words (fun i -> uint32 (read (24 + 8 * i)))
        source.Restore(state, (if left = 1 then words else next), waiting, read 0)
