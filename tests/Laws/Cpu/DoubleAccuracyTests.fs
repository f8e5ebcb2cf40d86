/// Double precision against numbers of some 300 bits, and the signs and special values of powers.
module Functional.Laws.Cpu.DoubleAccuracyTests

open System
open Expecto
open Functional.Cpu
open Functional.Contract
open Functional.Laws.Contract.Samples

let private cpu: IBackend = CpuBackend.Instance

let private run dtype (expression: ScalarExpr) (inputs: float[] list) =
    let count = inputs.Head.Length
    let lowered = Program.lower (Array.create inputs.Length dtype) dtype [| struct (expression, dtype) |]
    let output = cpu.Allocate(dtype, count)

    let views =
        [| for numbers in inputs do
               let buffer = cpu.Allocate(dtype, count)
               let bytes: byte[] = Array.zeroCreate (count * Dtype.size dtype)
               numbers |> Array.iteri (fun i x -> Element.write dtype (bytes.AsSpan()) i (Real x))
               cpu.Upload(ReadOnlySpan bytes, buffer)
               View.contiguous [| count |] buffer |]

    cpu.Pointwise(lowered.Program, [| count |], views, lowered.Constants, [| output |])
    scalars dtype (download cpu output) |> Array.map _.AsFloat

let private random = Random 11
let private between low high = low + (high - low) * random.NextDouble()
let private signed x = if random.Next 2 = 0 then x else -x

/// All sizes from 1e-25 to a largest one, of either sign.
let private sizes largest = signed (exp (between (log 1e-25) (log largest)))

let private within bound name expression (draws: (unit -> float) list) (exact: float[] -> Exact.Exact) =
    testCase $"{name} in double precision stays within {bound} ulp of 300 bits" (fun () ->
        let inputs = draws |> List.map (fun draw -> Array.init 3000 (fun _ -> draw ()))
        let results = run Float64 expression inputs
        let at i = inputs |> List.map (fun x -> x[i]) |> List.toArray
        let off = results |> Array.mapi (fun i actual -> Exact.ulps actual (exact (at i)))
        let worst = Array.findIndex ((=) (Array.max off)) off
        Expect.isLessThanOrEqual off[worst] bound $"{name} of {at worst} is {results[worst]:R}")

let private unary bound name op draw exact = within bound name (Unary(op, Arg 0)) [ draw ] (fun x -> exact x[0])

let private accuracy =
    [ unary 2.0 "exp" Unary.Exp (fun () -> between -708.0 709.0) Exact.exp
      unary 2.0 "exp of little" Unary.Exp (fun () -> sizes 1.0) Exact.exp
      unary 2.0 "log" Unary.Log (fun () -> exp (between -700.0 700.0)) Exact.log
      unary 2.0 "log near 1" Unary.Log (fun () -> 1.0 + sizes 0.5) Exact.log
      unary 2.0 "tanh" Unary.Tanh (fun () -> sizes 30.0) Exact.tanh
      unary 2.0 "sigmoid" Unary.Sigmoid (fun () -> between -700.0 50.0) Exact.sigmoid
      unary 2.0 "sigmoid of little" Unary.Sigmoid (fun () -> sizes 1.0) Exact.sigmoid
      unary 2.0 "sin" Unary.Sin (fun () -> sizes 1e5) Exact.sin
      unary 2.0 "cos" Unary.Cos (fun () -> sizes 1e5) Exact.cos
      unary 4.0 "erf" Unary.Erf (fun () -> sizes 6.0) Exact.erf
      within
          2.0
          "pow"
          (Binary(Pow, Arg 0, Arg 1))
          [ (fun () -> exp (between -20.0 20.0)); (fun () -> between -30.0 30.0) ]
          (fun x -> Exact.pow x[0] x[1]) ]

let private numbers =
    [| 0.0
       -0.0
       1.0
       -1.0
       2.0
       -2.0
       3.0
       -3.0
       0.5
       -0.5
       2.5
       -2.5
       1e30
       -1e30
       infinity
       -infinity
       nan
       1e-30
       -1e-30 |]

let private powers =
    testCase "powers of zeros, infinities and numbers below 0 have IEEE's values and signs" (fun () ->
        for dtype in [ Float32; Float64 ] do
            let bases, exponents = Array.allPairs numbers numbers |> Array.unzip
            let results = run dtype (Binary(Pow, Arg 0, Arg 1)) [ bases; exponents ]

            for i in 0 .. results.Length - 1 do
                let rightly = Math.Pow(bases[i], exponents[i])
                let rounded = if dtype = Float32 then float (float32 rightly) else rightly

                let same =
                    if Double.IsNaN rounded then
                        Double.IsNaN results[i]
                    elif rounded = 0.0 || Double.IsInfinity rounded then
                        results[i] = rounded && Double.IsNegative results[i] = Double.IsNegative rounded
                    else
                        abs (results[i] - rounded) <= abs rounded * (if dtype = Float32 then 3e-7 else 5e-16)

                Expect.isTrue same $"{Dtype.name dtype}: {bases[i]} ^ {exponents[i]} is {results[i]}, rightly {rounded}")

let tests = testList "Double accuracy" (powers :: accuracy)
