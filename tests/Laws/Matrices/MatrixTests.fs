/// What holds of factors, solutions, norms and sums of products, whatever computes them.
module Functional.Laws.MatrixTests

open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Choices
open Functional.Laws.Elements

let private real (choices: Choices) (shape: int list) : Tensor =
    let random = choices.Seeded()
    let shape = Array.ofList shape
    write (Backend.current ()) Float64 shape (Array.init (Shape.count shape) (fun _ -> random.NextDouble() * 2.0 - 1.0))

/// Numbers of no particular pattern, complex in one case of two.
let private any (choices: Choices) shape : Tensor =
    if choices.Flip() then
        Tensor.complex (real choices shape) (real choices shape)
    else
        real choices shape

let private times a b = Tensor.matmul a b
let private star = Matrices.adjoint
let private like (t: Tensor) (n: int) = Matrices.identity t (Matrices.batchOf t) n
let private same what a b = expectSame 1e-9 what a b
let private ofReal (like: Tensor) t = Engine.cast like.Dtype t
let private sizes (choices: Choices) = choices.Pick [ 3; 2; 1; 4; 7; 33 ]
let private batch (choices: Choices) = choices.Pick [ []; [ 2 ]; [ 0 ]; [ 2; 3 ] ]

let private rectangular (choices: Choices) = any choices (batch choices @ [ sizes choices; sizes choices ])

let private square (choices: Choices) =
    let n = sizes choices
    let a = any choices (batch choices @ [ n; n ])
    // Well away from singular.
    a + like a n * (float n + 1.0)

/// A law of what a backend makes of its own tensors.
let private law (on: unit -> IBackend) name make check =
    forAll name 40 (fun choices -> Backend.using (on ()) (fun () -> make choices)) (fun case ->
        Backend.using (on ()) (fun () -> check case))

let private factors on =
    testList
        "factors"
        [ law on "A = P L U" rectangular (fun a ->
              let p, l, u = Linalg.lu a
              same "product" (times p (times l u)) a
              same "L is a triangle" (Matrices.lower 0 l) l
              same "U is a triangle" (Matrices.upper 0 u) u)

          law on "A = Q R" (fun choices -> choices.Flip(), rectangular choices) (fun (complete, a) ->
              let q, r = Linalg.qr complete a
              same "product" (times q r) a
              same "Q is orthonormal" (times (star q) q) (like q (Matrices.columnCount q))
              same "R is a triangle" (Matrices.upper 0 r) r)

          law on "Q by its reflections" rectangular (fun a ->
              let m, n = Matrices.rowCount a, Matrices.columnCount a
              let vectors, tau = Linalg.geqrf a
              let q, _ = Linalg.qr true a
              same "applied" (Linalg.ormqr true false vectors tau (like a m)) q
              same "from the right, adjoint" (Linalg.ormqr false true vectors tau (like a m)) (star q)

              if m >= n then
                  same "the product" (Linalg.householderProduct vectors tau) (Matrices.columns 0 n q))

          law on "A = U S V*" (fun choices -> choices.Flip(), rectangular choices) (fun (full, a) ->
              let u, s, vh = Linalg.svd full a
              let k = min (Matrices.rowCount a) (Matrices.columnCount a)
              let scaled = Matrices.scaleColumns (ofReal a s) (Matrices.columns 0 k u)
              same "product" (times scaled (Matrices.rows 0 k vh)) a
              same "U is orthonormal" (times (star u) u) (like u (Matrices.columnCount u))
              same "V is orthonormal" (times vh (star vh)) (like vh (Matrices.rowCount vh))
              same "the values alone" (Linalg.svdvals a) s)

          law on "A V = V W of Hermitian matrices" (fun choices -> choices.Flip(), square choices) (fun (upper, a) ->
              let a = a + star a
              let w, v = Linalg.eigh upper a
              same "A V = V W" (times a v) (Matrices.scaleColumns (ofReal a w) v)
              same "V is unitary" (times (star v) v) (like v (Matrices.columnCount v))
              same "the values alone" (Linalg.eigvalsh upper a) w)

          law on "A V = V W of any matrix" square (fun a ->
              let w, v = Linalg.eig a
              same "the values alone" (Linalg.eigvals a) w
              let a = Engine.cast Complex128 a
              same "A V = V W" (times a v) (Matrices.scaleColumns w v)

              same
                  "vectors have length 1"
                  (Linalg.vectorNorm 2.0 [ -2 ] false v)
                  (Linalg.vectorNorm 2.0 [ -2 ] false (like a (Matrices.columnCount a))))

          law on "A = L L*" (fun choices -> choices.Flip(), square choices) (fun (upper, a) ->
              let a = times a (star a)
              let l = Linalg.cholesky upper a
              same "product" (if upper then times (star l) l else times l (star l)) a
              same "solve" (times a (Linalg.choleskySolve upper a l)) a
              same "inverse" (times a (Linalg.choleskyInverse upper l)) (like a (Matrices.columnCount a))) ]

let private solutions on =
    testList
        "solutions"
        [ law on "A X = B and X A = B" (fun choices -> choices.Flip(), square choices) (fun (left, a) ->
              let b = times a a + 1.0
              let x = Linalg.solve left a b
              same "solve" (if left then times a x else times x a) b
              same "inverse" (times a (Linalg.inv a)) (like a (Matrices.columnCount a))
              let f, pivots = Linalg.luFactor a
              same "by factors" (Linalg.luSolve left false f pivots b) x
              same "by factors, adjoint" (Linalg.luSolve left true f pivots b) (Linalg.solve left (star a) b))

          law
              on
              "triangles"
              (fun choices -> choices.Flip(), choices.Flip(), choices.Flip(), square choices)
              (fun (upper, left, unit, a) ->
                  let t = if upper then Matrices.upper 0 a else Matrices.lower 0 a
                  let diagonal = Matrices.ofDiagonal (Matrices.diagonal t)
                  let n = Matrices.columnCount a
                  let t = if unit then t - diagonal + like a n else t
                  let x = Linalg.solveTriangular upper left unit a a
                  // A unit triangle of wide matrices is badly conditioned.
                  if not unit || n < 8 then
                      same "solve" (if left then times t x else times x t) a)

          law on "Moore and Penrose's four equations" (fun choices -> choices.Flip(), rectangular choices) (fun (deficient, a) ->
              let a =
                  if deficient then
                      times a (star (Matrices.rows 0 1 a)) |> fun c -> times c (star c)
                  else
                      a

              let p = Linalg.pinv None (Some(Tensor.ofFloat64s [] [| 1e-10 |])) false a
              same "A P A = A" (times a (times p a)) a
              same "P A P = P" (times p (times a p)) p
              same "A P is Hermitian" (times a p) (star (times a p))
              same "P A is Hermitian" (times p a) (star (times p a)))

          law on "least squares leave what is at right angles" rectangular (fun a ->
              let b = Matrices.columns 0 1 a + 1.0
              let x, _, _, _ = Linalg.lstsq Gelsd None a b
              let rest = times a x - b
              same "A* (A X - B) = 0" (times (star a) rest) (Tensor.zerosLike (times (star a) rest)))

          law on "determinants multiply" square (fun a ->
              let n = float (Matrices.columnCount a) + 1.0
              let a = a / Engine.cast a.Dtype (Tensor.ofFloat64s [] [| n |])
              let b = times a a
              same "det" (Linalg.det b) (Linalg.det a * Linalg.det a)
              let sign, log = Linalg.slogdet a
              same "sign and logarithm" (sign * ofReal a (Tensor.exp log)) (Linalg.det a))

          test "the slope of a singular determinant is its cofactors" {
              let a = Tensor.ofFloat64s [ 2; 2 ] [| 1.0; 2.0; 2.0; 4.0 |]
              let slope = grad Linalg.det a
              same "cofactors" slope (Tensor.ofFloat64s [ 2; 2 ] [| 4.0; -2.0; -2.0; 1.0 |])
          }

          law on "exp(A) exp(-A) = 1, powers add" square (fun a ->
              let n = Matrices.columnCount a
              let a = a / Engine.cast a.Dtype (Tensor.ofFloat64s [] [| float n |])
              same "exp" (times (Linalg.matrixExp a) (Linalg.matrixExp (Tensor.neg a))) (like a n)
              same "third power" (Linalg.matrixPower 3 a) (times a (times a a))
              same "inverse square" (times (Linalg.matrixPower -2 a) (times a a)) (like a n))

          test "exp of a nilpotent matrix ends" {
              let a = Tensor.ofFloat64s [ 3; 3 ] [| 0.0; 1.0; 2.0; 0.0; 0.0; 3.0; 0.0; 0.0; 0.0 |]
              let expected = Tensor.ofFloat64s [ 3; 3 ] [| 1.0; 1.0; 3.5; 0.0; 1.0; 3.0; 0.0; 0.0; 1.0 |]
              same "1 + A + A^2 / 2" (Linalg.matrixExp a) expected
          } ]

/// Sums of products by the definition: over every value of every name.
let private summed (inputs: string list) (output: string) (operands: Tensor list) : Tensor =
    let names = String.concat "" inputs |> Seq.distinct |> Array.ofSeq

    let size name =
        List.zip inputs operands
        |> List.pick (fun (text, t) ->
            match text.IndexOf(name: char) with
            | -1 -> None
            | i -> Some t.Shape[i])

    let shape = output |> Seq.map size |> Array.ofSeq
    let result = Array.zeroCreate<float>(Shape.count shape)
    let elements = operands |> List.map Tensor.toFloat64s

    let flat (sizes: Shape) (text: string) (index: int[]) =
        Seq.fold2 (fun at name size -> at * size + index[System.Array.IndexOf(names, name)]) 0 text sizes

    Elements.iterate (names |> Array.map size) (fun _ index ->
        let product =
            List.zip3 inputs operands elements |> List.fold (fun p (text, t, e) -> p * e[flat t.Shape text index]) 1.0

        let at = flat shape output index
        result[at] <- result[at] + product)

    write Backend.cpu Float64 shape result

let private products on =
    testList
        "products"
        [ law
              on
              "einsum is its definition"
              (fun choices ->
                  let letters = [ 'i'; 'j'; 'k'; 'b' ]
                  let extent = letters |> List.map (fun name -> name, choices.Between 1 3) |> dict
                  let word low = System.String [| for _ in 1 .. choices.Between low 3 -> choices.Pick letters |]
                  let inputs = List.init (choices.Between 1 3) (fun _ -> word 0)
                  let present = String.concat "" inputs |> Seq.distinct |> List.ofSeq
                  let output = choices.Shuffle present |> List.take (choices.Below(present.Length + 1))
                  let operands = inputs |> List.map (fun text -> real choices [ for name in text -> extent[name] ])
                  inputs, System.String(Array.ofList output), operands)
              (fun (inputs, output, operands) ->
                  let equation = String.concat "," inputs + "->" + output
                  same equation (Tensor.einsum equation operands) (summed inputs output operands))

          law
              on
              "multi_dot is the product"
              (fun choices ->
                  let sizes = List.init (choices.Between 3 6) (fun _ -> choices.Between 1 5)
                  List.pairwise sizes |> List.map (fun (m, n) -> real choices [ m; n ]))
              (fun matrices -> same "product" (Linalg.multiDot matrices) (List.reduce times matrices))

          law
              on
              "kron of products is the product of krons"
              (fun choices -> real choices [ 2; 3 ], real choices [ 3; 2 ])
              (fun (a, b) -> same "mixed" (times (Tensor.kron a b) (Tensor.kron b a)) (Tensor.kron (times a b) (times b a)))

          law
              on
              "vecdot is the sum of products, of numbers too"
              (fun choices ->
                  let sizes = List.init (choices.Below 4) (fun _ -> choices.Between 0 3)
                  real choices sizes, real choices sizes, (if sizes.IsEmpty then 0 else choices.Below sizes.Length))
              (fun (a, b, dim) ->
                  let expected = if a.Rank = 0 then a * b else Tensor.sumOver [ dim ] false (a * b)
                  same "vecdot" (Linalg.vecdot dim a b) expected)

          law
              on
              "cdist by products and by differences"
              (fun choices -> real choices [ 30; 4 ], real choices [ 5; 4 ])
              (fun (a, b) ->
                  let differences = Tensor.unsqueeze 1 a - Tensor.unsqueeze 0 b
                  expectSame 1e-7 "distances" (Tensor.cdist 2.0 a b) (Linalg.vectorNorm 2.0 [ 2 ] false differences)) ]

let private says (start: string) (run: unit -> Tensor) = test start {
    let error = Expect.throwsT<LinAlgException> (run >> ignore) start
    ignore error

    try
        run () |> ignore
    with :? LinAlgException as e ->
        Expect.stringStarts e.Message start "begins with PyTorch's words"
}

let private errors =
    let zeros shape = Tensor.zeros shape

    testList
        "errors"
        [ says "linalg.inv: The diagonal element 1 is zero, the inversion could not be completed" (fun () ->
              Linalg.inv (zeros [ 2; 2 ]))
          says "linalg.inv: (Batch element 1): The diagonal element 2 is zero" (fun () ->
              Linalg.inv (Tensor.ofArray [ 2; 2; 2 ] [| 1.0f; 0.0f; 0.0f; 1.0f; 1.0f; 0.0f; 0.0f; 0.0f |]))
          says "torch.linalg.solve: The solver failed because the input matrix is singular." (fun () ->
              Linalg.solve true (zeros [ 2; 2 ]) (zeros [ 2; 1 ]))
          says
              "linalg.cholesky: The factorization could not be completed because the input is not positive-definite (the leading minor of order 2"
              (fun () -> Linalg.cholesky false (Tensor.ofArray [ 2; 2 ] [| 1.0f; 2.0f; 2.0f; 1.0f |]))
          says "linalg.svd: The algorithm failed to converge because the input matrix contained non-finite values." (fun () ->
              let u, _, _ = Linalg.svd true (Tensor.full [ 2; 2 ] nan)
              u) ]

let private ours () = Backend.cpu

let tests = testList "Matrices" [ factors ours; solutions ours; products ours; errors ]

/// What decompositions and their solutions are about, on another backend.
let testsOn (backend: unit -> IBackend) = testList "Matrices" [ factors backend; solutions backend ]
