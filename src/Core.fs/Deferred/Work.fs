namespace Functional

open Functional.Contract

/// What pointwise work costs, in units of one addition, and how much of it one fused program may hold.
/// The figures are those of SIMD kernels: an exponential is about sixteen instructions, a hyperbolic tangent twenty-seven.
[<RequireQualifiedAccess>]
module internal Work =
    /// One program: past this the registers of a kernel overflow and compiling it takes longer than it saves.
    let limit = 150
    /// Arrays that one program reads.
    let inputs = 16
    /// Arrays that one program writes.
    let outputs = 16
    /// An intermediate that others will want too is worth its memory from here on; below, computing it again is cheaper.
    let worthStoring = 8

    let private ofUnary op =
        match op with
        | Neg
        | Abs
        | Sign
        | Floor
        | Ceil
        | Round
        | Trunc
        | Not
        | Conjugate
        | RealPart
        | ImaginaryPart
        | BitwiseNot -> 1
        | Sqrt
        | Rsqrt
        | Reciprocal -> 4
        | Exp
        | Exp2
        | Expm1
        | Log
        | Log2
        | Log10
        | Log1p -> 16
        | Sigmoid -> 20
        | Sin
        | Cos
        | Sinh
        | Cosh
        | Tanh
        | Atan
        | Angle
        | Erf -> 27
        | Tan
        | Asin
        | Acos
        | Asinh
        | Acosh
        | Atanh
        | Erfc
        | Erfinv -> 40
        | Lgamma
        | Digamma
        | Trigamma -> 75

    let private ofBinary op =
        match op with
        | Add
        | Sub
        | Mul
        | Max
        | Min
        | And
        | Or
        | Xor
        | ShiftLeft
        | ShiftRight
        | MakeComplex
        | CopySign -> 1
        | NextAfter -> 4
        | Div -> 4
        | FloorDiv
        | Remainder
        | Fmod -> 8
        | Pow
        | Atan2 -> 40
        | GreatestCommonDivisor
        | Zeta -> 75
        | IncompleteGamma
        | IncompleteGammaComplement -> 100

    /// What a complex number costs in real ones: a product is six operations, an inverse function a handful of real functions.
    let private complexFactor = 4

    /// The cost of a program for one element; at least 1, so that a bound on work bounds depth too.
    let ofProgram (program: Program) =
        let ofStep step =
            match step with
            | Instruction.Load _
            | Instruction.Parameter _ -> 0
            | Instruction.Unary(op, _) -> ofUnary op
            | Instruction.Binary(op, _, _) -> ofBinary op
            | Instruction.Compare _
            | Instruction.Select _
            | Instruction.Cast _ -> 1

        let weight i = if Dtype.isComplex program.Types[i] then complexFactor else 1
        program.Code |> Array.mapi (fun i step -> weight i * ofStep step) |> Array.sum |> max 1
