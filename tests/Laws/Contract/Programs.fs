/// Random scalar expressions, what they leave open, and the programs they lower to.
module Functional.Laws.Contract.Programs

open System
open FsCheck
open FsCheck.FSharp
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Agreement

/// Unary functions that IEEE arithmetic determines to the last bit, and those that it does not.
let exactUnary =
    [ Unary.Neg
      Unary.Abs
      Unary.Sign
      Unary.Sqrt
      Unary.Reciprocal
      Unary.Floor
      Unary.Ceil
      Unary.Round
      Unary.Trunc ]

let roughUnary =
    [ Unary.Exp
      Unary.Exp2
      Unary.Expm1
      Unary.Log
      Unary.Log2
      Unary.Log10
      Unary.Log1p
      Unary.Rsqrt
      Unary.Sin
      Unary.Cos
      Unary.Tan
      Unary.Asin
      Unary.Acos
      Unary.Atan
      Unary.Sinh
      Unary.Cosh
      Unary.Tanh
      Unary.Asinh
      Unary.Acosh
      Unary.Atanh
      Unary.Sigmoid
      Unary.Erf
      Unary.Erfc
      Unary.Erfinv
      Unary.Lgamma
      Unary.Digamma
      Unary.Trigamma ]

let integerUnary =
    [ Unary.Neg; Unary.Abs; Unary.Sign; Unary.BitwiseNot; Unary.Floor; Unary.Ceil; Unary.Round; Unary.Trunc ]

let exactBinary =
    [ Binary.Add
      Binary.Sub
      Binary.Mul
      Binary.Div
      Binary.FloorDiv
      Binary.Remainder
      Binary.Fmod
      Binary.Max
      Binary.Min
      Binary.CopySign ]

let roughBinary = [ Binary.Pow; Binary.Atan2 ]

let integerBinary =
    [ Binary.Add
      Binary.Sub
      Binary.Mul
      Binary.Div
      Binary.FloorDiv
      Binary.Remainder
      Binary.Fmod
      Binary.Pow
      Binary.GreatestCommonDivisor
      Binary.Max
      Binary.Min
      Binary.And
      Binary.Or
      Binary.Xor
      Binary.ShiftLeft
      Binary.ShiftRight ]

let boolBinary = [ Binary.And; Binary.Or; Binary.Xor; Binary.Max; Binary.Min ]
let comparisons = [ Eq; Ne; Lt; Le; Gt; Ge ]

/// The functions of a dtype; `rough` ones included if asked for.
let unaries rough dtype =
    match Dtype.category dtype with
    | 0 -> [ Unary.BitwiseNot ]
    | 1 -> integerUnary
    | _ -> if rough then exactUnary @ roughUnary else exactUnary

let binaries rough dtype =
    match Dtype.category dtype with
    | 0 -> boolBinary
    | 1 -> integerBinary
    | _ -> if rough then exactBinary @ roughBinary else exactBinary

/// How many neighbours a backend's result of one rough function may be away, and how much it may be off absolutely.
let budget op : struct (float * float) =
    match op with
    | Choice1Of2(Unary.Lgamma | Unary.Digamma | Unary.Trigamma) -> 16.0, 8.0
    | Choice1Of2(Unary.Erf | Unary.Erfc | Unary.Erfinv) -> 8.0, 0.0
    | Choice2Of2(Binary.Zeta | Binary.IncompleteGamma | Binary.IncompleteGammaComplement) -> 64.0, 0.0
    | Choice1Of2 op when List.contains op exactUnary -> 0.0, 0.0
    | Choice2Of2 op when op = Binary.NextAfter || List.contains op exactBinary -> 0.0, 0.0
    | _ -> 4.0, 0.0

// ---- expressions ----

let private constant dtype =
    match Dtype.category dtype with
    | 0 -> Gen.elements [ Boolean true; Boolean false ]
    | 1 -> Gen.choose (-3, 5) |> Gen.map (int64 >> Integer)
    | _ -> Gen.elements [ 0.0; 1.0; -1.0; 0.5; 2.0; 3.0; -2.5; 1e-3; 100.0 ] |> Gen.map Real
    |> Gen.map Constant

/// An argument, or a number that a cast gives its dtype: a number alone has none.
let private leaf (inputs: Dtype list) dtype =
    let number = constant dtype |> Gen.map (fun c -> Cast(dtype, c))

    match
        [ for i, input in List.indexed inputs do
              if Dtype.compute input = dtype then
                  Arg i ]
    with
    | [] -> number
    | matching -> Gen.frequency [ 5, Gen.elements matching; 1, number ]

/// An expression whose register has this dtype.
let rec private expression rough inputs dtype size : Gen<ScalarExpr> =
    let smaller d = gen { return! expression rough inputs d (size / 2) }

    let operands = List.map Dtype.compute inputs

    let compare = gen {
        let! d = Gen.elements operands
        let! op = Gen.elements comparisons
        let! a = smaller d
        let! b = smaller d
        return Compare(op, a, b)
    }

    let select = gen {
        let! c = smaller Bool
        let! a = smaller dtype
        let! b = smaller dtype
        return Select(c, a, b)
    }

    let cast = gen {
        let! d = Gen.elements operands
        let! a = smaller d

        // A cast to half precision leaves a float32 register.
        let! target =
            Gen.elements (
                dtype
                :: [ if dtype = Float32 then
                         Float16
                         BFloat16 ]
            )

        return Cast(target, a)
    }

    let unary = Gen.map2 (fun op a -> Unary(op, a)) (Gen.elements (unaries rough dtype)) (smaller dtype)

    let binary = gen {
        let! op = Gen.elements (binaries rough dtype)
        let! a = smaller dtype
        // Now and then both operands are one object, or one is a number.
        let! b = Gen.frequency [ 4, smaller dtype; 1, Gen.constant a; 1, constant dtype ]
        let! turned = Gen.elements [ true; false ]
        return if turned then Binary(op, b, a) else Binary(op, a, b)
    }

    if size <= 1 then
        leaf inputs dtype
    else
        Gen.frequency
            [ 1, leaf inputs dtype
              3, unary
              5, binary
              2, select
              1, cast
              if dtype = Bool then
                  4, compare
                  1, smaller Bool |> Gen.map (fun a -> Unary(Unary.Not, a)) ]

/// A program as a generator draws it: inputs, expressions with the dtypes they are stored as, a shape and looks.
[<NoEquality; NoComparison>]
type ProgramCase =
    { Inputs: Dtype list
      Outputs: (ScalarExpr * Dtype) list
      Sizes: int list
      Looks: Look list }

    member this.Shape = List.toArray this.Sizes

let lower (case: ProgramCase) =
    let outputs = case.Outputs |> List.map (fun (e, d) -> struct (e, d)) |> List.toArray
    Program.lower (List.toArray case.Inputs) Float32 outputs

let private withRegister dtype =
    if dtype = Float32 then
        Gen.elements [ Float32; Float32; Float16; BFloat16 ]
    else
        Gen.constant dtype

let programs rough (dtypes: Dtype list) values : Gen<ProgramCase> = gen {
    let! count = Gen.choose (1, 3)
    let! inputs = Gen.listOfLength count (Gen.elements dtypes)
    let! outputs = Gen.frequency [ 4, Gen.constant 1; 1, Gen.choose (2, 3) ]

    let output = gen {
        let! register = Gen.elements (List.map Dtype.compute inputs)
        let! size = Gen.choose (1, 24)
        let! e = expression rough inputs register size
        let! stored = withRegister register
        return e, stored
    }

    let! outputs = Gen.listOfLength outputs output
    let! case = Cases.cases { Cases.wanted with Looks = count; Values = values; Choices = 0; Elements = 150 }

    return { Inputs = inputs; Outputs = outputs; Sizes = case.Sizes; Looks = case.Looks }
}

/// The operands of an expression.
let children e =
    match e with
    | Arg _
    | Param _
    | Constant _ -> []
    | Unary(_, a)
    | Cast(_, a) -> [ a ]
    | Binary(_, a, b)
    | Compare(_, a, b) -> [ a; b ]
    | Select(c, a, b) -> [ c; a; b ]

let private rebuild e parts =
    match e, parts with
    | Unary(op, _), [ a ] -> Unary(op, a)
    | Cast(d, _), [ a ] -> Cast(d, a)
    | Binary(op, _, _), [ a; b ] -> Binary(op, a, b)
    | Compare(op, _, _), [ a; b ] -> Compare(op, a, b)
    | Select _, [ c; a; b ] -> Select(c, a, b)
    | _ -> e

/// The register that an expression over these inputs needs, where its arguments tell.
let rec private register (inputs: Dtype list) e =
    match e with
    | Arg i -> Some(Dtype.compute inputs[i])
    | Compare _
    | Unary(Unary.Not, _) -> Some Bool
    | Constant _
    | Param _ -> None
    | Cast(d, _) -> Some(Dtype.compute d)
    | Unary(_, a) -> register inputs a
    | Binary(_, a, b)
    | Select(_, a, b) -> register inputs a |> Option.orElse (register inputs b)

/// Expressions of the same register with one node fewer or so.
let rec smallerExpression inputs e : ScalarExpr seq = seq {
    for child in children e do
        if register inputs child = register inputs e then
            child

    let parts = children e

    for i in 0 .. parts.Length - 1 do
        for less in smallerExpression inputs parts[i] do
            rebuild e (List.updateAt i less parts)
}

let smaller (case: ProgramCase) = seq {
    if case.Outputs.Length > 1 then
        for i in 0 .. case.Outputs.Length - 1 do
            { case with Outputs = List.removeAt i case.Outputs }

    for i in 0 .. case.Outputs.Length - 1 do
        let e, dtype = case.Outputs[i]

        for less in smallerExpression case.Inputs e do
            { case with Outputs = List.updateAt i (less, dtype) case.Outputs }

    let shape: Cases.Case = { Dtype = Float32; Sizes = case.Sizes; Looks = case.Looks; Choices = [] }

    for less in Cases.smaller Cases.wanted shape do
        { case with Sizes = less.Sizes; Looks = less.Looks }
}

// ---- what a program leaves open ----

/// What noise does to a number that may be off by a reach, and the sign (between -1 and 1) of what is open altogether.
type Noise = { Sign: unit -> float; Shift: float -> float -> float }

/// Noise that pushes always up, always down, or now here, now there; and noise that settles on the roundest number in reach, where
/// remainders and floors have their steps: a backend may meet exactly that number, which pushing passes by.
let directions: Noise list =
    let push sign = { Sign = sign; Shift = fun _ reach -> sign () * reach }
    let wavering seed = (let random = Random(seed: int) in fun () -> 2.0 * random.NextDouble() - 1.0)

    let settle value reach =
        let grid = Math.Pow(2.0, floor (Math.Log2(2.0 * reach)))
        Math.Round(value / grid: float) * grid - value

    push (fun () -> 1.0)
    :: push (fun () -> -1.0)
    :: { Sign = (fun () -> 1.0); Shift = settle }
    :: List.map (wavering >> push) [ 1..4 ]

/// What another right implementation might have computed at one step: rough functions a little off, zeros of maxima
/// with the other sign, conversions that PyTorch leaves undefined anything at all.
let noise (direction: Noise) (program: Program) (registers: Scalar[]) step (value: Scalar) =
    let dtype = program.Types[step]

    let disturb op =
        match value with
        | Real r when Double.IsFinite r ->
            let struct (relative, absolute) = budget op
            let reach = relative * ulp dtype r + absolute * epsilon dtype

            if relative = 0.0 then
                value
            else
                Element.round dtype (Real(r + direction.Shift r reach))
        | _ -> value

    match program.Code[step] with
    | Instruction.Unary(op, _) -> disturb (Choice1Of2 op)
    | Instruction.Binary((Binary.Max | Binary.Min), _, _) when value.AsFloat = 0.0 && Dtype.isFloating dtype ->
        Real(Math.CopySign(0.0, direction.Sign()))
    // The sign of a nan is nobody's business.
    | Instruction.Binary(Binary.CopySign, _, b) when Arithmetic.isNan registers[b] ->
        Real(Math.CopySign(value.AsFloat, direction.Sign()))
    | Instruction.Binary(op, _, _) -> disturb (Choice2Of2 op)
    | Instruction.Cast(target, a) when Dtype.isInteger target && Dtype.isFloating program.Types[a] ->
        let bound = if target = Int64 then 9.2e18 else 2147483647.0
        let source = registers[a].AsFloat

        if abs source < bound then
            value
        else
            Element.round target (Integer(int64 (direction.Sign() * 9.2e18)))
    | _ -> value
