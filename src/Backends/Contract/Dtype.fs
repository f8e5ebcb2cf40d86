namespace Functional.Contract

/// The element type of a tensor. Names are PyTorch's; complex numbers are pairs (real, imaginary).
type Dtype =
    | Bool
    | UInt8
    | Int8
    | Int16
    | Int32
    | Int64
    | Float16
    | BFloat16
    | Float32
    | Float64
    | Complex64
    | Complex128

/// What a dtype is and what two of them make together.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Dtype =
    /// Every dtype, in the order of the union.
    let all = [| Bool; UInt8; Int8; Int16; Int32; Int64; Float16; BFloat16; Float32; Float64; Complex64; Complex128 |]

    /// The position in `all`, for tables by dtype.
    let index dtype =
        match dtype with
        | Bool -> 0
        | UInt8 -> 1
        | Int8 -> 2
        | Int16 -> 3
        | Int32 -> 4
        | Int64 -> 5
        | Float16 -> 6
        | BFloat16 -> 7
        | Float32 -> 8
        | Float64 -> 9
        | Complex64 -> 10
        | Complex128 -> 11

    /// Bytes of one element.
    let size dtype =
        match dtype with
        | Bool
        | UInt8
        | Int8 -> 1
        | Int16
        | Float16
        | BFloat16 -> 2
        | Int32
        | Float32 -> 4
        | Int64
        | Float64
        | Complex64 -> 8
        | Complex128 -> 16

    /// PyTorch's name without the leading `torch.`.
    let name dtype =
        match dtype with
        | Bool -> "bool"
        | UInt8 -> "uint8"
        | Int8 -> "int8"
        | Int16 -> "int16"
        | Int32 -> "int32"
        | Int64 -> "int64"
        | Float16 -> "float16"
        | BFloat16 -> "bfloat16"
        | Float32 -> "float32"
        | Float64 -> "float64"
        | Complex64 -> "complex64"
        | Complex128 -> "complex128"

    /// PyTorch's other name, as its error messages spell dtypes (`Float`, `Long`, ...).
    let scalarTypeName dtype =
        match dtype with
        | Bool -> "Bool"
        | UInt8 -> "Byte"
        | Int8 -> "Char"
        | Int16 -> "Short"
        | Int32 -> "Int"
        | Int64 -> "Long"
        | Float16 -> "Half"
        | BFloat16 -> "BFloat16"
        | Float32 -> "Float"
        | Float64 -> "Double"
        | Complex64 -> "ComplexFloat"
        | Complex128 -> "ComplexDouble"

    let isFloating dtype =
        match dtype with
        | Float16
        | BFloat16
        | Float32
        | Float64 -> true
        | _ -> false

    let isComplex dtype =
        match dtype with
        | Complex64
        | Complex128 -> true
        | _ -> false

    /// Integers of any width; bool is not one of them.
    let isInteger dtype =
        match dtype with
        | UInt8
        | Int8
        | Int16
        | Int32
        | Int64 -> true
        | _ -> false

    /// Derivatives exist for these.
    let isDifferentiable dtype = isFloating dtype || isComplex dtype

    /// The type that arithmetic runs in: half precision is widened to float32, everything else is itself.
    let compute dtype =
        match dtype with
        | Float16
        | BFloat16 -> Float32
        | _ -> dtype

    /// The widest dtype of the same category, wherein long sums lose nothing that the dtype itself could hold.
    let wide dtype =
        match dtype with
        | Bool
        | UInt8
        | Int8
        | Int16
        | Int32
        | Int64 -> Int64
        | Float16
        | BFloat16
        | Float32
        | Float64 -> Float64
        | Complex64
        | Complex128 -> Complex128

    /// The type that sums run in: PyTorch adds integers and bools up in int64.
    let sum dtype = if isInteger dtype || dtype = Bool then Int64 else dtype

    /// 0 bool, 1 integer, 2 floating, 3 complex: PyTorch's promotion categories.
    let category dtype =
        if dtype = Bool then 0
        elif isInteger dtype then 1
        elif isFloating dtype then 2
        else 3

    /// The real dtype of the same precision.
    let toReal dtype =
        match dtype with
        | Complex64 -> Float32
        | Complex128 -> Float64
        | _ -> dtype

    /// The complex dtype of the same precision.
    let toComplex dtype =
        match dtype with
        | Float64
        | Complex128 -> Complex128
        | _ -> Complex64

    /// PyTorch's promotion of two dtypes of equal standing.
    let rec promote a b =
        if a = b then
            a
        else
            match category a, category b with
            | 3, _
            | _, 3 ->
                let wide d = d = Float64 || d = Complex128
                if wide a || wide b then Complex128 else Complex64
            | 2, 2 ->
                if a = Float64 || b = Float64 then Float64
                elif a = Float32 || b = Float32 then Float32
                else Float32
            | 2, _ -> a
            | _, 2 -> b
            | 0, _ -> b
            | _, 0 -> a
            | _ ->
                match a, b with
                | UInt8, Int8
                | Int8, UInt8 -> Int16
                | UInt8, other
                | other, UInt8 -> other
                | _ -> if size a >= size b then a else b
