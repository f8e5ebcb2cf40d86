namespace Functional.Contract

open System

/// The random streams that keys determine, by Philox 4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
[<RequireQualifiedAccess>]
module RandomStream =
    let private round struct (c0: uint32, c1: uint32, c2: uint32, c3: uint32) struct (k0: uint32, k1: uint32) =
        let first = 0xD2511F53UL * uint64 c0
        let second = 0xCD9E8D57UL * uint64 c2
        struct (uint32 (second >>> 32) ^^^ c1 ^^^ k0, uint32 second, uint32 (first >>> 32) ^^^ c3 ^^^ k1, uint32 first)

    /// The four words of a counter under a key.
    let philox counter struct (k0: uint32, k1: uint32) =
        List.fold (fun words i -> round words struct (k0 + uint32 i * 0x9E3779B9u, k1 + uint32 i * 0xBB67AE85u)) counter [ 0..9 ]

    /// Word `index` of the stream of a key.
    let word (key: uint64) (index: int64) =
        let struct (w0, w1, w2, w3) =
            philox struct (uint32 (index / 4L), 0u, 0u, 0u) struct (uint32 key, uint32 (key >>> 32))

        match index % 4L with
        | 0L -> w0
        | 1L -> w1
        | 2L -> w2
        | _ -> w3

    let private missing kind dtype =
        raise (
            DtypeException
                $"\"{kind}\" not implemented for '{Dtype.scalarTypeName dtype}': random numbers of this kind do not come as {Dtype.name dtype}"
        )

    /// The two words of element i of a 64-bit stream.
    let private pair key (i: int64) = struct (uint64 (word key (2L * i)), uint64 (word key (2L * i + 1L)))

    let private bits key dtype i =
        match dtype with
        | Int32 -> Integer(int64 (int32 (word key i)))
        | Int64 -> (let struct (low, high) = pair key i in Integer(int64 (low ||| (high <<< 32))))
        | _ -> missing "random_bits" dtype

    /// As many leading bits as the dtype's mantissa has, so that 1 is never reached.
    let private uniform key dtype i =
        let leading count = float (word key i >>> (32 - count)) * Math.Pow(2.0, float -count)

        match dtype with
        | Float16 -> leading 11
        | BFloat16 -> leading 8
        | Float32 -> leading 24
        | Float64 -> (let struct (high, low) = pair key i in float (((high <<< 32) ||| low) >>> 11) * Math.Pow(2.0, -53.0))
        | _ -> missing "uniform" dtype

    let private normal key dtype i =
        let source = Dtype.compute dtype
        let j = i / 2L
        let radius = sqrt (-2.0 * log (1.0 - uniform key source (2L * j)))
        let angle = 2.0 * Math.PI * uniform key source (2L * j + 1L)
        radius * (if i % 2L = 0L then cos angle else sin angle)

    /// The first elements of the stream of a key.
    let fill kind key dtype length =
        let element (i: int64) =
            match kind with
            | RandomBits -> bits key dtype i
            | RandomUniform -> Real(uniform key dtype i)
            | RandomNormal -> Real(normal key dtype i)

        Elements.build dtype [| length |] (fun index -> element (int64 index[0]))
