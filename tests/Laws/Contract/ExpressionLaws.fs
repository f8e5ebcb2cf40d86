/// Scalar expressions: derivatives against differences, rewrites against what they replace, lowering.
module Functional.Laws.Contract.ExpressionLaws

open System
open Expecto
open FsCheck.FSharp
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Cases
open Functional.Laws.Contract.Agreement
open Functional.Laws.Contract.Programs

/// An expression's value for float64 arguments.
let private evaluate expression =
    let struct (arguments, _) = ScalarExpr.arity expression

    let lowered = Program.lower (Array.create (max 1 arguments) Float64) Float64 [| struct (expression, Float64) |]

    fun (values: float list) ->
        let inputs = values |> List.map Real |> List.toArray
        (Interpreter.run lowered.Program inputs lowered.Constants |> Array.head).AsFloat

/// The slope in one argument by central differences, with an estimate of its own error from a second step size.
let private slope f (at: float list) i =
    let difference h =
        let moved d = List.updateAt i (at[i] + d) at
        (8.0 * (f (moved h) - f (moved -h)) - (f (moved (2.0 * h)) - f (moved (-2.0 * h)))) / (12.0 * h)

    // Steps that no sawtooth of the generated constants fits.
    let h = 1.0347e-3 * max 1.0 (abs at[i])
    let coarse, fine = difference h, difference (h * 0.381966)
    fine, abs (coarse - fine)

/// The derivative agrees with the slope wherever the slope is well determined; says whether it was.
let private slopeAgrees expression at =
    let f = evaluate expression

    [ for i in 0 .. List.length at - 1 do
          let estimate, doubt = slope f at i
          let size = max 1.0 (max (abs estimate) (abs (f at)))

          if Double.IsFinite estimate && doubt <= 1e-6 * size then
              let exact =
                  match Slopes.byArgument i expression with
                  | ValueSome derivative -> evaluate derivative at
                  | ValueNone -> 0.0

              // Steeper than this, a sawtooth has several teeth within a step.
              if not (abs exact > 1e4) then
                  Expect.isLessThanOrEqual
                      (abs (exact - estimate))
                      (1e-5 * size + 10.0 * doubt)
                      $"d/dx{i} is {exact}, the slope {estimate} at {at}"

                  true ]

/// Where each function is to be differentiated: away from its poles and jumps, most of the time.
let private points =
    let inside low high = Gen.choose (1, 9999) |> Gen.map (fun i -> low + (high - low) * float i / 10000.0)

    fun op ->
        match op with
        | Unary.Log
        | Unary.Log2
        | Unary.Log10
        | Unary.Sqrt
        | Unary.Rsqrt
        | Unary.Lgamma
        | Unary.Digamma
        | Unary.Trigamma -> inside 0.2 6.0
        | Unary.Log1p -> inside -0.8 5.0
        | Unary.Asin
        | Unary.Acos
        | Unary.Atanh
        | Unary.Erfinv -> inside -0.9 0.9
        | Unary.Acosh -> inside 1.2 5.0
        | _ -> inside -3.0 3.0

let private none _ = Seq.empty

let private unary =
    [ for op in Unary.Sign :: exactUnary @ roughUnary |> List.distinct do
          forEach 60 $"{op}" (points op) none (fun x -> slopeAgrees (Unary(op, Arg 0)) [ x ] |> ignore) ]

let private binary =
    // What has no derivative in its first argument, as in PyTorch: that is held.
    let held = [ Binary.Zeta; Binary.IncompleteGamma; Binary.IncompleteGammaComplement ]

    [ for op in held @ exactBinary @ roughBinary do
          let point =
              match op with
              | Binary.Pow -> Gen.zip (points Unary.Log) (points Unary.Sin)
              | _ when List.contains op held -> Gen.zip (Gen.elements [ 2.0; 3.0; 4.5 ]) (points Unary.Log)
              | _ -> Gen.zip (points Unary.Sin) (points Unary.Sin)

          forEach 60 $"{op}" point none (fun (x, y) ->
              match op with
              | _ when List.contains op held -> slopeAgrees (Binary(op, ScalarExpr.real x, Arg 0)) [ y ] |> ignore
              | Binary.CopySign -> slopeAgrees (Binary(op, Arg 0, ScalarExpr.real y)) [ x ] |> ignore
              | _ -> slopeAgrees (Binary(op, Arg 0, Arg 1)) [ x; y ] |> ignore) ]

/// Remainders by something tiny have more teeth than any two steps can tell.
let rec private sawtooth e =
    match e with
    | Binary((Binary.Remainder | Binary.Fmod), _, _) -> true
    | _ -> children e |> List.exists sawtooth

/// Beside a number like 27^27 a step of the argument is lost, and every number that large is whole: differences say nothing there.
let rec private isLost at e = abs (evaluate e at) > 1e9 || children e |> List.exists (isLost at)

let private compositions =
    let mutable determined = 0

    let law =
        forEach
            400
            "random expressions"
            (Gen.zip (programs true [ Float64 ] [ Tame ]) (Gen.listOfLength 3 (points Unary.Sin)))
            none
            (fun (case, at) ->
                let at = List.take case.Inputs.Length at

                for e, _ in case.Outputs do
                    if not (sawtooth e || isLost at e) then
                        determined <- determined + (slopeAgrees e at).Length)

    testSequenced (
        testList
            "compositions"
            [ law; test "most slopes were well determined" { Expect.isGreaterThan determined 200 "slopes compared" } ]
    )

/// Derivatives of derivatives are derivatives, too.
let private second =
    forEach
        200
        "second derivatives"
        (Gen.zip (Gen.elements roughUnary) (points Unary.Asin |> Gen.map (fun x -> 0.55 + 0.4 * x)))
        none
        (fun (op, x) ->
            let shifted = if op = Unary.Acosh then Arg 0 + 1.5 else Arg 0

            match Slopes.byArgument 0 (Unary(op, shifted * shifted)) with
            | ValueSome derivative -> slopeAgrees derivative [ x ] |> ignore
            | ValueNone -> ())

/// Derivatives at the points where conventions decide, as PyTorch has them.
let private conventions =
    testList
        "conventions"
        [ for name, expression, at, expected in
              [ "abs at 0", Unary(Abs, Arg 0), [ 0.0 ], 0.0
                "maximum at a tie", Binary(Max, Arg 0, Arg 1), [ 2.0; 2.0 ], 0.5
                "minimum at a tie", Binary(Min, Arg 0, Arg 1), [ 2.0; 2.0 ], 0.5
                "0^0", Binary(Pow, Arg 0, Arg 1), [ 0.0; 0.0 ], 0.0
                "0^1", Binary(Pow, Arg 0, Arg 1), [ 0.0; 1.0 ], 1.0
                "0^2", Binary(Pow, Arg 0, Arg 1), [ 0.0; 2.0 ], 0.0
                "(-2)^3", Binary(Pow, Arg 0, Arg 1), [ -2.0; 3.0 ], 12.0
                "sqrt at 0", Unary(Sqrt, Arg 0), [ 0.0 ], infinity
                "copysign at 0", Binary(CopySign, Arg 0, ScalarExpr.real -1.0), [ 0.0 ], 0.0
                "the branch not taken does not poison",
                ScalarExpr.select (ScalarExpr.gt (Arg 0) (ScalarExpr.real 0.0)) (Unary(Log, Arg 0)) (ScalarExpr.real 0.0),
                [ -1.0 ],
                0.0 ] do
              test name {
                  match Slopes.byArgument 0 expression with
                  | ValueSome derivative -> Expect.equal (evaluate derivative at) expected "the derivative"
                  | ValueNone -> failtest "there is a derivative"
              }
          test "an argument that does not occur has no derivative" {
              Expect.equal (Slopes.byArgument 1 (Unary(Exp, Arg 0))) ValueNone "structural zero"
          }
          test "constants move nothing" {
              Expect.equal (Slopes.byArgument 0 (Unary(Floor, Arg 0) + 3.0)) ValueNone "steps are flat"
          } ]

// ---- rewrites ----

/// The rewriting constructor gives what the operation itself gives, for every input.
let private rewrites =
    let constants = [ 0.0; -0.0; 1.0; -1.0; 2.0; 3.0; 0.5 ]
    let ops = [ Add; Sub; Mul; Div ]

    testList
        "rewrites are exact"
        [ for op in ops do
              law
                  $"{op}"
                  { wanted with
                      Dtypes = [ Float32; Float64; Float16; Int32; UInt8; Int64 ]
                      Values = [ Wild; Small ]
                      Rank = 1, 1
                      Choices = 2 }
                  (fun case ->
                      let constant = ScalarExpr.real (case.Choose(0, constants))

                      let a, b =
                          case.Choose(
                              1,
                              [ Arg 0, constant
                                constant, Arg 0
                                Arg 0, Unary(Neg, constant)
                                Arg 0, Unary(Neg, Arg 0)
                                Unary(Neg, Arg 0), Arg 0 ]
                          )

                      let values expression =
                          let lowered = Program.lower [| case.Dtype |] case.Dtype [| struct (expression, case.Dtype) |]
                          let input = sample case.Dtype case.Shape case.Looks[0]

                          // The sign of a nan is nobody's business.
                          let plain value = if Arithmetic.isNan value then Real nan else value

                          let at x =
                              try
                                  Ok(Interpreter.run lowered.Program [| x |] lowered.Constants |> Array.head |> plain)
                              with :? ArgumentValueException ->
                                  Error "division by zero"

                          scalars case.Dtype input.Bytes |> Array.map at

                      Expect.equal (values (ScalarExpr.Simple(op, a, b))) (values (Binary(op, a, b))) $"{op} of {a} and {b}")
          // Powers are rewritten as torch.pow rewrites them: products and roots rather than the general function.
          test "powers with whole or half exponents" {
              for exponent, at, expected in
                  [ 2.0, -3.0, 9.0
                    3.0, -2.0, -8.0
                    0.5, 9.0, 3.0
                    -1.0, 4.0, 0.25
                    1.0, -7.0, -7.0
                    2.0, -infinity, infinity
                    3.0, -infinity, -infinity ] do
                  Expect.equal
                      (evaluate (ScalarExpr.Simple(Pow, Arg 0, ScalarExpr.real exponent)) [ at ])
                      expected
                      $"{at}^{exponent}"

              Expect.isTrue
                  (Double.IsNaN(evaluate (ScalarExpr.Simple(Pow, Arg 0, ScalarExpr.real 0.5)) [ -infinity ]))
                  "the root of -inf, as torch.pow has it"
          } ]

// ---- lowering ----

/// The value of an expression by walking its tree, every operand taken in the dtype float32.
let rec private walk (inputs: Scalar[]) e =
    match e with
    | Arg i -> inputs[i]
    | Constant(Boolean b) -> Boolean b
    | Constant c -> Element.round Float32 c
    | Param _ -> Scalar.Zero
    | Unary(op, a) -> Arithmetic.unary (if (walk inputs a).Dtype = Bool then Bool else Float32) op (walk inputs a)
    | Binary(op, a, b) ->
        Arithmetic.binary (if (walk inputs a).Dtype = Bool then Bool else Float32) op (walk inputs a) (walk inputs b)
    | Compare(op, a, b) ->
        Arithmetic.compare (if (walk inputs a).Dtype = Bool then Bool else Float32) op (walk inputs a) (walk inputs b)
    | Select(c, a, b) -> if walk inputs c = Boolean true then walk inputs a else walk inputs b
    | Cast(dtype, a) -> Element.round dtype (walk inputs a)

let private lowering =
    [ forEach 300 "a program computes what its expression says" (programs true [ Float32; Bool ] [ Tame ]) smaller (fun case ->
          let lowered = lower case
          let random = Random 5

          let inputs =
              case.Inputs |> List.map (fun d -> Element.round d (Real(8.0 * random.NextDouble() - 4.0))) |> List.toArray

          let expected = case.Outputs |> List.map (fun (e, d) -> Element.round d (walk inputs e)) |> List.toArray
          let actual = Interpreter.run lowered.Program inputs lowered.Constants
          let actual = Array.map2 Element.round lowered.Program.Results actual
          Expect.equal actual expected $"{lowered.Program}")
      forEach 300 "no step is computed twice, none looks ahead" (programs true realDtypes [ Tame ]) smaller (fun case ->
          let program = (lower case).Program
          let steps = Array.zip program.Code program.Types
          Expect.equal (Array.distinct steps).Length steps.Length $"{program}"

          program.Code
          |> Array.iteri (fun step instruction ->
              let operands =
                  match instruction with
                  | Instruction.Load _
                  | Instruction.Parameter _ -> []
                  | Instruction.Unary(_, a)
                  | Instruction.Cast(_, a) -> [ a ]
                  | Instruction.Binary(_, a, b)
                  | Instruction.Compare(_, a, b) -> [ a; b ]
                  | Instruction.Select(c, a, b) -> [ c; a; b ]

              Expect.isTrue (operands |> List.forall (fun a -> a >= 0 && a < step)) $"{program}")

          Expect.isFalse (program.Types |> Array.exists (fun t -> t = Float16 || t = BFloat16)) "half precision is no register"

          Expect.equal
              (program.Outputs |> Array.map (fun s -> program.Types[s]))
              (program.Results |> Array.map Dtype.compute)
              "results fit their registers")
      test "programs that differ in constants only have the same code" {
          let code x =
              (Program.lower [| Float32 |] Float32 [| struct (Unary(Exp, Arg 0 * (x: float)) + 7.0 * x, Float32) |]).Program.Code

          Expect.equal (code 0.3) (code 0.4) "constants are parameters"
      }
      test "own parameters come first, constants after them" {
          let lowered = Program.lower [| Float32 |] Float32 [| struct (Arg 0 * 2.5 + Param 1, Float32) |]
          Expect.equal lowered.Own 2 "parameters of the caller"
          Expect.equal lowered.Constants [| Real 2.5 |] "constants"
          Expect.equal lowered.Program.Parameters [| Float32; Float32; Float32 |] "their dtypes"
      }
      test "shared steps are one step, whether shared as objects or not" {
          let e () = Unary(Exp, Arg 0)
          let steps a b = (Program.lower [| Float32 |] Float32 [| struct (Binary(Mul, a, b), Float32) |]).Program.Code.Length
          let one = e ()
          Expect.equal (steps one one) 3 "load, exp, product"
          Expect.equal (steps (e ()) (e ())) 3 "load, exp, product"
      }
      test "operands of different dtypes are refused" {
          let lower e = Program.lower [| Float32; Int32 |] Float32 [| struct (e, Float32) |] |> ignore
          Expect.throwsT<DtypeException> (fun () -> lower (Arg 0 + Arg 1)) "float32 and int32"

          Expect.throwsT<DtypeException>
              (fun () -> lower (ScalarExpr.select (ScalarExpr.lt (Arg 0) (Arg 0)) (Arg 0) (Arg 1)))
              "branches"

          lower (Arg 0 + Cast(Float32, Arg 1))
      }
      law
          "storing in half precision rounds once"
          { wanted with Dtypes = [ Float16; BFloat16 ]; Looks = 2; Values = [ Wild ] }
          (fun case ->
              let product = Program.lower [| case.Dtype; case.Dtype |] Float32 [| struct (Arg 0 * Arg 1, case.Dtype) |]

              let input look =
                  scalars case.Dtype (sample case.Dtype case.Shape { plain with Values = Wild; Seed = look.Seed }).Bytes

              Array.iter2
                  (fun (a: Scalar) (b: Scalar) ->
                      let stored =
                          Interpreter.run product.Program [| a; b |] product.Constants |> Array.head |> Element.round case.Dtype

                      let once = Element.round case.Dtype (Real(float (float32 (a.AsFloat * b.AsFloat))))
                      Expect.equal stored once $"{a} times {b}")
                  (input case.Looks[0])
                  (input case.Looks[1])) ]

let tests =
    testList
        "ScalarExpr"
        [ testList "derivatives" (unary @ binary)
          compositions
          second
          conventions
          rewrites
          testList "lowering" lowering ]
