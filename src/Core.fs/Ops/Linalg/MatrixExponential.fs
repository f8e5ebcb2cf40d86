namespace Functional

open Functional.Contract

/// The exponential of a matrix.
[<AutoOpen>]
module MatrixExponential =
    /// Numerators of the Pade approximations of exp of orders 3, 5, 7, 9 and 13, and up to which 1-norm each reaches double precision
    /// (Higham 2005, "The scaling and squaring method for the matrix exponential revisited").
    let private approximations =
        let coefficients order =
            let rec falling (number: float) j =
                if j > order then
                    []
                else
                    number :: falling (number * float (order - j) / (float (2 * order - j) * float (j + 1))) (j + 1)

            falling 1.0 0 |> Array.ofList

        [ 3, 1.495585217958292e-2
          5, 2.539398330063230e-1
          7, 9.504178996162932e-1
          9, 2.097847961257068
          13, 5.371920351148152 ]
        |> List.map (fun (order, reach) -> struct (coefficients order, reach))

    let private add a b = Operands.binary Functions.add a b
    let private scaled (c: float) t = Operands.withRight Functions.mul t (Real c)

    /// The largest 1-norm of a batch, as a number: how often to halve depends on it.
    let private size (a: Tensor) =
        let sums = Reductions.sum [| a.Rank - 2 |] (Operands.unary Functions.abs (Structure.detach a))
        let bytes = Creation.toBytes (Engine.cast Float64 sums)
        let numbers = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(System.ReadOnlySpan bytes).ToArray()
        numbers |> Array.fold (fun top x -> if System.Double.IsFinite x then max top x else top) 0.0

    let private approximate (coefficients: float[]) (a: Tensor) =
        let order = coefficients.Length - 1
        let identity = Matrices.identity a (Matrices.batchOf a) (Matrices.columnCount a)
        let square = Matrices.multiply a a
        // Horner in the square, for even and odd powers apart.
        let rec sum j (t: Tensor) =
            if j < 2 then
                t
            else
                sum (j - 2) (add (Matrices.multiply square t) (scaled coefficients[j - 2] identity))

        let even, odd = (if order % 2 = 0 then order, order - 1 else order - 1, order)
        let v = sum even (scaled coefficients[even] identity)
        let u = Matrices.multiply a (sum odd (scaled coefficients[odd] identity))
        let below = Operands.binary Functions.sub v u
        Linalg.solve true below (add v u)

    [<RequireQualifiedAccess>]
    module Linalg =
        /// exp of square matrices, by Pade approximation of a power-of-two part and squaring; differentiable like any product.
        let rec matrixExp (a: Tensor) : Tensor =
            MatrixChecks.floatingSquare "linalg.matrix_exp" a
            let n = Matrices.columnCount a

            if a.Dtype = Float16 || a.Dtype = BFloat16 then
                Engine.cast a.Dtype (matrixExp (Engine.cast Float32 a))
            elif Shape.count a.Shape = 0 then
                a
            elif n = 1 then
                Operands.unary Functions.exp a
            else
                let norm = size a

                match approximations |> List.tryFind (fun struct (_, reach) -> norm <= reach) with
                | Some(struct (coefficients, _)) -> approximate coefficients a
                | None ->
                    let struct (coefficients, reach) = List.last approximations
                    let halvings = int (ceil (System.Math.Log2(norm / reach)))
                    let part = approximate coefficients (scaled (0.5 ** float halvings) a)
                    List.fold (fun t _ -> Matrices.multiply t t) part [ 1..halvings ]
