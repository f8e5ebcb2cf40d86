/// Generators for the primitives of linear algebra: matrices well away from being singular, with values well apart.
module Functional.Laws.MatrixGenerators

open Functional
open Functional.Contract
open Functional.Laws.Choices
open Functional.Laws.Arguments
open Functional.Laws.Cases

let private reals = [ Float64; Float32 ]
let private everything = reals @ complexes

/// A matrix whose diagonal grows and outweighs the rest.
let private matrix (choices: Choices) (setting: Setting) batch rows columns =
    let shape = Array.append batch [| rows; columns |]

    let fill (random: System.Random) count =
        Array.init count (fun position ->
            let i, j = position / max 1 columns % max 1 rows, position % max 1 columns
            (if i = j then 2.0 + 1.5 * float i else 0.0) + random.NextDouble() * 0.6 - 0.3)

    argument choices setting.Dtype shape (layout choices false shape) fill

let private plain (choices: Choices) (setting: Setting) shape =
    argument choices setting.Dtype shape (layout choices true shape) (Fill.within -1.0 1.0)

/// A primitive of what is made of its arguments; `places` says which of its inner arguments each of them is, with its derivative.
/// The first is one by way of `part`, a projection that is its own transpose.
let private over
    (part: Tensor -> Tensor)
    (infer: Spec[] -> Spec)
    (arguments: Tensor[] -> Tensor[])
    (places: int[])
    (inner: Primitive)
    : Primitive =
    let rec wrapper () : Primitive =
        { Name = inner.Name
          Infer = infer
          Eval = fun backend values -> inner.Eval backend (values |> Array.map Concrete |> arguments |> Array.map Engine.concrete)
          Linearize =
            fun args result i ->
                match inner.Linearize (arguments args) result places[i] with
                | ValueSome linear when i = 0 -> Engine.linear (part >> linear.Apply) (linear.Transpose >> part)
                | other -> other
          Batch = fun size args flags -> Engine.bind (wrapper ()) (Engine.leadAll size args flags) }

    wrapper ()

/// Primitives that count their argument as Hermitian are given Hermitian ones.
let private ofHermitian (inner: Primitive) = over id inner.Infer (fun args -> [| Matrices.hermitianPart args[0] |]) [| 0 |] inner

let private square name dtypes (primitive: unit -> Primitive) =
    { Name = name
      Dtypes = dtypes
      Make =
        fun setting choices ->
            let n = size choices
            case (primitive ()) [ matrix choices setting (shapeOf choices 0 1) n n ] }

let private rectangular name dtypes (primitive: Choices -> int -> int -> Primitive) =
    { Name = name
      Dtypes = dtypes
      Make =
        fun setting choices ->
            let m, n = size choices, size choices
            case (primitive choices m n) [ matrix choices setting (shapeOf choices 0 1) m n ] }

/// Solvers by factors that are made here of the matrix itself.
let private solver name (primitive: Choices -> Primitive) (factor: Tensor -> Tensor) (whole: Tensor -> Tensor) =
    { Name = name
      Dtypes = everything
      Make =
        fun setting choices ->
            let n, columns = size choices, size choices
            let batch = shapeOf choices 0 1
            let arguments (args: Tensor[]) = (let a = whole args[0] in [| a; factor (Structure.detach a); args[1] |])
            let wrapped = over whole (fun specs -> specs[1]) arguments [| 0; 2 |] (primitive choices)
            case wrapped [ matrix choices setting batch n n; plain choices setting (Array.append batch [| n; columns |]) ] }

/// Values that are computed beside the tape, with the derivatives that belong to them.
let private attached name dtype (primitive: Primitive) (value: Tensor -> Tensor) =
    let infer (specs: Spec[]) = { Dtype = dtype specs[0].Dtype; Shape = Array.take (specs[0].Shape.Length - 2) specs[0].Shape }

    let arguments (args: Tensor[]) =
        let still = Structure.detach args[0]
        [| args[0]; Factorizations.lu still; value still |]

    square name everything (fun () -> over id infer arguments [| 0 |] primitive)

let private factors t = Factorizations.lu t

let private permutation =
    { Name = "permutation"
      Dtypes = [ Int32; Int64 ]
      Make =
        fun setting choices ->
            let k = size choices
            let count = k + choices.Below 3
            let shape = Array.append (shapeOf choices 0 1) [| k |]

            let fill (random: System.Random) elements =
                Array.init elements (fun p -> (let i = p % max 1 k in float (1 + random.Next(i, count))))

            let dtype = if Dtype.isInteger setting.Dtype then setting.Dtype else Int32
            case (Factorizations.permutationPrimitive count) [ argument choices dtype shape (layout choices false shape) fill ] }

let private pseudoInverse =
    { Name = "linalg.pinv"
      Dtypes = everything
      Make =
        fun setting choices ->
            let m, n = size choices, size choices
            let batch = shapeOf choices 0 1
            let bound low = argument choices (Dtype.toReal setting.Dtype) batch Plain (Fill.within low (low * 2.0))

            let made =
                case SpectralFactors.pseudoInversePrimitive [ matrix choices setting batch m n; bound 1e-4; bound 1e-5 ]

            { made with Moving = [ 0 ] } }

/// By factors that are made here, of which there is no derivative.
let private indefiniteSolver =
    { Name = "linalg.ldl_solve"
      Dtypes = everything
      Make =
        fun setting choices ->
            let n, columns = size choices, size choices
            let batch = shapeOf choices 0 1
            let hermitian = choices.Flip()
            let inner = IndefiniteFactors.solvePrimitive hermitian
            let arguments (args: Tensor[]) = [| IndefiniteFactors.factor hermitian (Structure.detach args[0]); args[1] |]
            let wrapped = over id (fun specs -> specs[1]) arguments [| 0; 1 |] inner
            let sides = plain choices setting (Array.append batch [| n; columns |])
            { case wrapped [ matrix choices setting batch n n; sides ] with Moving = [ 1 ] } }

let private triangular =
    { Name = "linalg.solve_triangular"
      Dtypes = everything
      Make =
        fun setting choices ->
            let n, columns = size choices, size choices
            let batch = shapeOf choices 0 1

            case
                (Factorizations.solveTriangularPrimitive (choices.Flip()) (choices.Flip()))
                [ matrix choices setting batch n n; plain choices setting (Array.append batch [| n; columns |]) ] }

/// What has no derivative, and says so.
let private still generator = { generator with Make = fun setting choices -> { generator.Make setting choices with Moving = [] } }

let all =
    [ triangular
      solver "linalg.solve" (fun choices -> Factorizations.solvePrimitive (choices.Flip())) factors id
      solver
          "cholesky_solve"
          (fun _ -> Factorizations.solveHermitianPrimitive)
          (fun a -> Factorizations.cholesky a |> Matrices.rows 0 (Matrices.columnCount a))
          Matrices.hermitianPart
      square "linalg.cholesky" everything (fun () -> ofHermitian Factorizations.choleskyPrimitive)
      permutation
      rectangular "linalg.lu_factor" everything (fun _ _ _ -> Factorizations.luPrimitive)
      still (rectangular "geqrf" everything (fun _ _ _ -> Factorizations.householderPrimitive))
      still (square "linalg.ldl_factor" everything (fun () -> IndefiniteFactors.factorPrimitive false))
      indefiniteSolver
      rectangular "linalg.qr" everything (fun choices m n -> Factorizations.qrPrimitive (m <= n && choices.Flip()))
      // Phases of complex vectors are free; that gradients do not depend on them the recorded answers of PyTorch show.
      rectangular "linalg.svd" reals (fun _ _ _ -> SpectralFactors.svdPrimitive false)
      rectangular "linalg.svdvals" everything (fun _ _ _ -> SpectralFactors.singularValuesPrimitive)
      square "linalg.eigh" reals (fun () -> ofHermitian SpectralFactors.hermitianEigenPrimitive)
      square "linalg.eigvalsh" everything (fun () -> ofHermitian SpectralFactors.hermitianEigenvaluesPrimitive)
      square "linalg.eig" reals (fun () -> SpectralFactors.eigenPrimitive)
      square "linalg.eigvals" everything (fun () -> SpectralFactors.eigenvaluesPrimitive)
      pseudoInverse
      attached "linalg.det" id (Determinants.detPrimitive ()) Linalg.det
      attached "linalg.slogdet" Dtype.toReal Determinants.logAbsDetPrimitive (Linalg.slogdet >> snd)
      attached "linalg.slogdet.sign" id Determinants.signPrimitive (Linalg.slogdet >> fst) ]
