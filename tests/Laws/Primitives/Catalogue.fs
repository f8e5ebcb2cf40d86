/// A generator for every function of the pointwise catalogue: where it is smooth, and what it takes.
module Functional.Laws.Catalogue

open System
open System.Reflection
open Functional
open Functional.Contract
open Functional.Laws.Choices
open Functional.Laws.Arguments
open Functional.Laws.Cases

/// The pointwise functions of a module by the names under which it holds them.
let private heldBy (name: string) : (string * PointwiseFunction) list =
    let holder = typeof<PointwiseFunction>.Assembly.GetType name |> Unchecked.nonNull

    [ for property in holder.GetProperties(BindingFlags.Public ||| BindingFlags.NonPublic ||| BindingFlags.Static) do
          match property.GetValue null with
          | :? PointwiseFunction as f -> property.Name, f
          | :? (PointwiseFunction[]) as family ->
              for f in family do
                  $"{property.Name}.{f.Name}", f
          | _ -> () ]

let catalogue = heldBy "Functional.Functions"
let formulas = heldBy "Functional.Formulas" @ heldBy "Functional.LayerFormulas"

/// One argument: what keeps the function smooth, what else it may be, and its dtype where that is fixed.
type private Operand = { Smooth: Random -> int -> float[]; Wild: Dtype -> Random -> int -> float[]; Fixed: Dtype option }

let private operand smooth = { Smooth = smooth; Wild = Fill.wild; Fixed = None }
let private inside low high = operand (Fill.within low high)
let private any = operand (Fill.distinct 0.0)
let private other = operand (Fill.distinct 0.12)
let private positive = inside 0.5 2.5

/// Either sign of numbers inside.
let private signed low high =
    operand (fun random count -> Fill.within low high random count |> Array.map (fun x -> if random.Next 2 = 0 then x else -x))

/// Whole numbers with a rest inside.
let private between low high =
    operand (fun random count -> Fill.within low high random count |> Array.map (fun x -> x + float (random.Next(-3, 3))))

let private condition = { Smooth = Fill.integers 0 1; Wild = (fun _ -> Fill.integers 0 1); Fixed = Some Bool }

/// Only for integers 0 .. 5.
let private count = { any with Wild = fun _ -> Fill.integers 0 5 }

/// No integer is zero.
let private divisor low high =
    let wild dtype random count =
        Fill.wild dtype random count |> Array.map (fun x -> if Dtype.isInteger dtype && x = 0.0 then 3.0 else x)

    { signed low high with Wild = wild }

/// Finite and not negative, so that every dtype has them.
let private common = { any with Wild = fun dtype random count -> Fill.finite dtype random count |> Array.map abs }

type private Entry =
    { Function: PointwiseFunction; Dtypes: Dtype list; Operands: Operand list; Moving: int list option }

let private entry dtypes operands f = { Function = f; Dtypes = dtypes; Operands = operands; Moving = None }
let private all dtypes operands functions = functions |> List.map (entry dtypes operands)
let private whole = [ Int64; Int32; Int16; Int8; UInt8; Bool ]

let private entries =
    [ yield! all smoothNumbers [ any; other ] [ Functions.add; Functions.sub; Functions.mul ]
      yield! all numbers [ any; other ] [ Functions.maximum; Functions.minimum ]
      yield! all smoothNumbers [ any ] [ Functions.neg; Functions.abs; Functions.sign; Functions.square ]
      entry numbers [ any ] Functions.relu
      yield! all (complexes @ floating) [ any ] [ Functions.conj; Functions.realPart; Functions.imaginaryPart; Functions.angle ]
      entry floating [ any ] Functions.angleOfReal
      yield! all [ Float32; Float64 ] [ any; other ] [ Functions.complex; Functions.polar ]
      yield! all numbers [ between 0.1 0.9 ] [ Functions.floor; Functions.ceil; Functions.trunc ]
      entry numbers [ between -0.4 0.4 ] Functions.round
      entry (floating @ complexes) [ any; signed 0.5 2.0 ] Functions.div
      yield! all numbers [ signed 2.5 2.7; divisor 1.0 1.1 ] [ Functions.floorDivide; Functions.remainder; Functions.fmod ]
      entry (floating @ complexes) [ inside 0.5 2.0; inside -2.0 2.0 ] Functions.pow
      entry floating [ any; signed 0.5 2.0 ] Functions.atan2
      entry floating [ any; other ] Functions.copysign
      // The derivative by the first argument is not known, and the field has none either.
      yield!
          [ Functions.zeta; Functions.igamma; Functions.igammac ]
          |> List.map (fun f -> { entry floating [ inside 2.0 4.0; inside 0.5 3.0 ] f with Moving = Some [ 1 ] })
      { entry [ Float32; Float64 ] [ any; other ] Functions.nextAfter with Moving = Some [] }
      entry [ Int64; Int32; Int16; Int8; UInt8 ] [ any; any ] Functions.gcd
      entry smoothNumbers [ any; any; any ] Functions.multiplyAdd
      entry floating [ any; any; inside 0.1 0.45 ] Functions.lerp
      yield! all whole [ any; any ] [ Functions.bitwiseAnd; Functions.bitwiseOr; Functions.bitwiseXor ]
      yield! all [ Int64; Int32; Int16; Int8; UInt8 ] [ any; count ] [ Functions.shiftLeft; Functions.shiftRight ]
      entry whole [ any ] Functions.bitwiseNot
      entry (anything @ complexes) [ any ] Functions.logicalNot
      yield! all (anything @ complexes) [ any; other ] [ Functions.eq; Functions.ne ]
      yield! all (numbers @ [ Bool ]) [ any; other ] [ Functions.lt; Functions.le; Functions.gt; Functions.ge ]
      yield! all (floating @ complexes) [ any ] [ Functions.isNan; Functions.isInfinite; Functions.isFinite ]
      entry (anything @ complexes) [ condition; any; any ] Functions.where
      yield! all (floating @ complexes) [ signed 0.5 2.0 ] [ Functions.reciprocal ]
      yield!
          all
              (floating @ complexes)
              [ positive ]
              [ Functions.sqrt; Functions.rsqrt; Functions.log; Functions.log2; Functions.log10 ]
      yield! all floating [ positive ] [ Functions.lgamma; Functions.digamma; Functions.trigamma ]
      yield!
          all
              (floating @ complexes)
              [ any ]
              [ Functions.exp
                Functions.exp2
                Functions.expm1
                Functions.sin
                Functions.cos
                Functions.atan
                Functions.sinh
                Functions.cosh
                Functions.tanh
                Functions.asinh
                Functions.sigmoid
                Functions.silu ]
      yield! all floating [ any ] [ Functions.erf; Functions.erfc; Functions.gelu; Functions.geluTanh; Functions.softplus ]
      entry (floating @ complexes) [ inside -0.5 2.0 ] Functions.log1p
      entry (floating @ complexes) [ inside -1.0 1.0 ] Functions.tan
      yield! all (floating @ complexes) [ inside -0.7 0.7 ] [ Functions.asin; Functions.acos; Functions.atanh ]
      entry floating [ inside -0.7 0.7 ] Functions.erfinv
      entry (floating @ complexes) [ inside 1.3 3.0 ] Functions.acosh
      entry numbers [ any; inside 0.1 0.5 ] Functions.leakyRelu
      entry numbers [ any; inside -0.60 -0.55; inside 0.65 0.68 ] Functions.clamp
      yield! all (anything @ complexes) [ common ] (List.ofArray Functions.casts)
      yield! all floating [ common ] (List.ofArray Functions.truncations) ]

let private make (parameters: Scalar[]) (entry: Entry) (setting: Setting) (choices: Choices) =
    let shape = shapeOf choices 0 3

    let argument (operand: Operand) =
        match operand.Fixed with
        | Some dtype -> argument choices dtype shape (layout choices true shape) (Fill.integers 0 1)
        | None ->
            let fill = if setting.Wild then operand.Wild setting.Dtype else operand.Smooth
            argument choices setting.Dtype shape (layout choices true shape) fill

    let made = case (Engine.pointwisePrimitive entry.Function parameters) (entry.Operands |> List.map argument)
    { made with Moving = entry.Moving |> Option.defaultValue made.Moving }

/// What users write themselves: numbers that come with the call, shared parts, a condition.
let private custom =
    let x, y, rate = Arg 0, Arg 1, Param 0
    let shared = tanh (x * rate)
    let choice = ScalarExpr.select (ScalarExpr.gt y (ScalarExpr.real 0.0)) (shared * y) (shared - y * y)
    PointwiseFunction("custom", choice + exp (-(x * x)) * Param 1)

/// Away from 0 and the corners at 0.55 and 0.6, which the parameters make; both sides of each.
let private aside isPositive =
    operand (fun random count ->
        Array.init count (fun _ ->
            let size = if random.Next 2 = 0 then 0.15 else 0.65
            let x = size + 0.25 * random.NextDouble()
            if isPositive || random.Next 2 = 0 then x else -x))

/// Formulas are smooth at such places all alike; some only for positive numbers.
let private ofFormulas =
    let positive = set [ "logit"; "entropy"; "binaryCrossEntropy"; "root"; "poisson" ]

    [ for name, f in formulas do
          let operands = List.truncate f.Arity [ aside (positive.Contains name); inside 0.50 0.52; inside 0.9 1.1 ]
          let numbers = Array.truncate f.Parameters [| Real 0.55; Real 0.6; Real 0.5 |]
          f, { Name = $"formula {name}"; Dtypes = floating; Make = make numbers (entry floating operands f) } ]

/// Special functions are meant for float64; they are smooth on both sides of where their pieces meet.
let private ofSpecial =
    let side random low high = Fill.within low high random

    let places low middle high =
        operand (fun random count ->
            Array.append (side random low (middle - 0.1) (count / 2)) (side random (middle + 0.1) high (count - count / 2)))

    let range name =
        match name with
        | "k0"
        | "k1"
        | "k0e"
        | "k1e" -> places 0.3 2.0 6.0
        | "y0"
        | "y1" -> places 0.3 8.0 11.0
        | "airyAi" -> places -7.0 -4.0 1.5
        | "sphericalJ0" -> places -0.3 0.5 4.0
        // Nearer to 0 the third derivative explodes (6e4 at 0.02), and with it what differences miss; the tail's formula begins at 0.135.
        | "ndtri" -> places 0.1 0.3 0.85
        | "erfcx" -> places -3.0 1.0 9.0
        | "logNdtr" -> places -5.0 -1.0 3.0
        | _ -> places 0.5 8.0 11.0

    [ for name, f in heldBy "Functional.Bessel" @ heldBy "Functional.Probability" do
          f,
          { Name = $"special {name}"
            Dtypes = [ Float64 ]
            Make = make [||] (entry [ Float64 ] [ range name ] f) } ]

/// The functions that have a generator, with those generators.
let generators: (PointwiseFunction * Generator) list =
    [ for entry in entries do
          let name =
              catalogue
              |> List.tryPick (fun (name, f) -> if obj.ReferenceEquals(f, entry.Function) then Some name else None)
              |> Option.defaultValue entry.Function.Name

          entry.Function, { Name = name; Dtypes = entry.Dtypes; Make = make [||] entry }

      let numbers = [| Real 0.7; Real -1.3 |]
      custom, { Name = "custom"; Dtypes = floating; Make = make numbers (entry floating [ any; other ] custom) }
      yield! ofFormulas
      yield! ofSpecial ]
