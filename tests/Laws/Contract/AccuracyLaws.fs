/// How many units in the last place the elementary functions may be off.
module Functional.Laws.Contract.AccuracyLaws

open System
open Expecto
open FsCheck.FSharp
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Cases
open Functional.Laws.Contract.Agreement
open Functional.Laws.Contract.Programs

/// Units in the last place that a function may be off, and what it may be off absolutely, in epsilons: near a root in the
/// middle of its range a function's value carries the error of the larger numbers that it is the difference of.
let private bound op : struct (float * float) =
    match op with
    | Choice1Of2(Unary.Erf | Unary.Erfc | Unary.Erfinv) -> 4.0, 0.0
    | Choice1Of2(Unary.Lgamma | Unary.Digamma | Unary.Trigamma) -> 8.0, 8.0
    | _ -> 2.0, 0.0

/// The reference's own error in float64: the bounds above are for float32, where it counts for nothing.
let private reference dtype = if dtype = Float64 then 2.0 else 0.0

let private accurate name op (expression: ScalarExpr) (operands: int) (exact: float[] -> float) =
    let generate = gen {
        let! dtype = Gen.elements [ Float32; Float64 ]
        let! looks = Gen.listOfLength operands (look [ Tame; Wild; Small ])
        let! scale = Gen.elements [ 1.0; 1.0; 1.0; 0.05; 20.0 ]
        let! shift = Gen.elements [ 0.0; 0.0; 1.0; 2.0 ]
        return dtype, looks, scale, shift
    }

    forEach 25 name generate (fun _ -> Seq.empty) (fun (dtype, looks, scale, shift) ->
        let shape = [| 500 |]

        let inputs =
            looks
            |> List.map (fun look ->
                sample dtype shape { plain with Values = look.Values; Seed = look.Seed }
                |> map (fun x -> Real(shift + scale * x.AsFloat)))

        let arguments = inputs |> List.map (fun s -> scalars dtype s.Bytes)
        let at i = arguments |> List.map (fun a -> a[i].AsFloat) |> List.toArray
        let lowered = Program.lower (Array.create operands dtype) dtype [| struct (expression, dtype) |]

        for subject in current () do
            let backend = subject.Backend
            let output = backend.Allocate(dtype, 500)
            let views = inputs |> List.map (upload backend) |> List.toArray
            backend.Pointwise(lowered.Program, shape, views, lowered.Constants, [| output |])

            scalars dtype (download backend output)
            |> Array.iteri (fun i actual ->
                let expected = exact (at i)
                let rounded = (Element.round dtype (Real expected)).AsFloat
                let actual = actual.AsFloat
                let struct (units, absolute) = bound op
                let room = (units + reference dtype) * ulp dtype rounded + absolute * epsilon dtype

                let agrees =
                    actual = rounded
                    || (Double.IsNaN actual && Double.IsNaN rounded)
                    || (Double.IsFinite rounded && Double.IsFinite actual && abs (actual - expected) <= room)

                if not agrees then
                    failtestf
                        "%s: %s of %A as %s is %.17g, rightly %.17g: %.1f units in the last place off"
                        backend.Name
                        name
                        (at i)
                        (Dtype.name dtype)
                        actual
                        expected
                        (abs (actual - expected) / ulp dtype rounded)))

/// A zero or an infinity comes with its sign, a nan where IEEE 754 and PyTorch have one.
let private special =
    let at op x expected = test $"{op} of {x} is {expected}" {
        for dtype in [ Float32; Float64 ] do
            let lowered = Program.lower [| dtype |] dtype [| struct (Unary(op, Arg 0), dtype) |]

            for backend in Reference.backend :: (current () |> List.map (fun s -> s.Backend)) do
                // Enough of them that vectors as well as their tails take part.
                let input = sample dtype [| 67 |] plain |> map (fun _ -> Real x)
                let output = backend.Allocate(dtype, 67)
                backend.Pointwise(lowered.Program, [| 67 |], [| upload backend input |], lowered.Constants, [| output |])

                for actual in scalars dtype (download backend output) do
                    let actual = actual.AsFloat

                    let same =
                        (Double.IsNaN actual && Double.IsNaN expected)
                        || (actual = expected && (expected <> 0.0 || Double.IsNegative actual = Double.IsNegative expected))

                    Expect.isTrue same $"{backend.Name}, {Dtype.name dtype}: {actual}"
    }

    [ for op in
          [ Unary.Sin
            Unary.Tan
            Unary.Tanh
            Unary.Asin
            Unary.Atan
            Unary.Sinh
            Unary.Asinh
            Unary.Atanh
            Unary.Expm1
            Unary.Log1p
            Unary.Erf
            Unary.Erfinv
            Unary.Sqrt
            Unary.Floor
            Unary.Ceil
            Unary.Round
            Unary.Trunc ] do
          at op -0.0 -0.0
          at op 0.0 0.0
      at Unary.Exp 0.0 1.0
      at Unary.Exp infinity infinity
      at Unary.Exp -infinity 0.0
      at Unary.Exp nan nan
      at Unary.Log 0.0 -infinity
      at Unary.Log -0.0 -infinity
      at Unary.Log 1.0 0.0
      at Unary.Log -1.0 nan
      at Unary.Log infinity infinity
      at Unary.Tanh infinity 1.0
      at Unary.Tanh -infinity -1.0
      at Unary.Sigmoid infinity 1.0
      at Unary.Sigmoid -infinity 0.0
      at Unary.Sigmoid 0.0 0.5
      at Unary.Sin infinity nan
      at Unary.Cos -infinity nan
      at Unary.Cos 0.0 1.0
      at Unary.Sqrt -1.0 nan
      at Unary.Rsqrt 0.0 infinity
      at Unary.Rsqrt -0.0 -infinity
      at Unary.Reciprocal -0.0 -infinity
      at Unary.Reciprocal -infinity -0.0
      at Unary.Erf infinity 1.0
      at Unary.Erfc infinity 0.0
      at Unary.Erfc -infinity 2.0
      at Unary.Erfinv 1.0 infinity
      at Unary.Erfinv 1.5 nan
      at Unary.Acosh 0.5 nan
      at Unary.Atanh 1.0 infinity
      at Unary.Asin 1.5 nan
      at Unary.Lgamma 0.0 infinity
      at Unary.Lgamma -1.0 infinity
      at Unary.Lgamma 1.0 0.0
      at Unary.Digamma 0.0 -infinity
      at Unary.Digamma -0.0 infinity
      at Unary.Digamma -1.0 nan
      at Unary.Trigamma 0.0 infinity
      at Unary.Trigamma -2.0 infinity
      at Unary.Trigamma infinity 0.0
      at Unary.Trigamma -infinity nan
      at Unary.Sign nan 0.0
      at Unary.Round 2.5 2.0
      at Unary.Round -3.5 -4.0
      at Unary.Neg 0.0 -0.0 ]

let tests =
    testList
        "Accuracy"
        [ for op in roughUnary do
              accurate $"{op}" (Choice1Of2 op) (Unary(op, Arg 0)) 1 (fun x -> (Arithmetic.unary Float64 op (Real x[0])).AsFloat)
          for op in roughBinary do
              accurate $"{op}" (Choice2Of2 op) (Binary(op, Arg 0, Arg 1)) 2 (fun x ->
                  (Arithmetic.binary Float64 op (Real x[0]) (Real x[1])).AsFloat)
          testList "special values" special ]
