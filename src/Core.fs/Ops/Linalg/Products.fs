namespace Functional

open Functional.Contract

/// Products of tensors beyond the matrix product.
[<AutoOpen>]
module ProductOperations =
    let private mul a b = Operands.binary Functions.mul a b

    let private sumLast (t: Tensor) = Reductions.sum [| t.Rank - 1 |] t |> Engine.reshape (Array.take (t.Rank - 1) t.Shape)

    let private together (a: Tensor) (b: Tensor) =
        let dtype = Operands.promote a b
        struct (Engine.cast dtype a, Engine.cast dtype b)

    [<RequireQualifiedAccess>]
    module Tensor =
        /// Sums of products over dimensions of `a` paired with dimensions of `b`; the other dimensions of both follow each other.
        let tensordot (dimsA: int list) (dimsB: int list) (a: Tensor) (b: Tensor) : Tensor =
            if dimsA.Length <> dimsB.Length then
                raise (ArgumentValueException $"both dimension lists should have same length: {dimsA} and {dimsB} (tensordot)")

            if a.Dtype <> b.Dtype then
                raise (
                    DtypeException
                        $"tensordot: both tensors should have the same dtype, but got {Dtype.scalarTypeName a.Dtype} and {Dtype.scalarTypeName b.Dtype}: use Tensor.cast"
                )

            if not dimsA.IsEmpty && (a.Rank = 0 || b.Rank = 0) then
                raise (ShapeException "tensordot: a tensor without dimensions has none to sum over; multiply it instead")

            let axesA, axesB = dimsA |> List.map (Shape.dimension a.Rank), dimsB |> List.map (Shape.dimension b.Rank)

            // A dimension of size 1 meets one of any size: the other is summed first.
            let narrow (t: Tensor) axes (other: Tensor) others =
                let sums =
                    List.zip axes others
                    |> List.filter (fun (i, j) -> t.Shape[i] <> 1 && other.Shape[j] = 1)
                    |> List.map fst
                    |> Array.ofList

                if sums.Length = 0 then t else Reductions.sum sums t

            let cutA, cutB = narrow a axesA b axesB, narrow b axesB a axesA

            List.iter2
                (fun i j ->
                    if cutA.Shape[i] <> cutB.Shape[j] then
                        raise (
                            ShapeException
                                $"contracted dimensions need to match, but first has size {a.Shape[i]} in dim {i} and second has size {b.Shape[j]} in dim {j}"
                        ))
                axesA
                axesB

            let rest (t: Tensor) axes = [ 0 .. t.Rank - 1 ] |> List.filter (fun d -> not (List.contains d axes))
            let restA, restB = rest a axesA, rest b axesB
            let sizes (t: Tensor) axes = axes |> List.map (fun d -> t.Shape[d]) |> Array.ofList
            let inner = Shape.count (sizes cutA axesA)

            let left =
                Structure.permute (Array.ofList (restA @ axesA)) cutA
                |> Engine.reshape [| Shape.count (sizes a restA); inner |]

            let right =
                Structure.permute (Array.ofList (axesB @ restB)) cutB
                |> Engine.reshape [| inner; Shape.count (sizes b restB) |]

            Contraction.matmul left right |> Engine.reshape (Array.append (sizes a restA) (sizes b restB))

        /// Sums of products over the last dimension of both; a number multiplies.
        let inner (a: Tensor) (b: Tensor) : Tensor =
            if a.Rank = 0 || b.Rank = 0 then
                mul a b
            elif Array.last a.Shape <> Array.last b.Shape then
                raise (
                    ShapeException
                        $"inner() the last dimension must match on both input tensors but got shapes {Shape.format a.Shape} and {Shape.format b.Shape}"
                )
            else
                tensordot [ -1 ] [ -1 ] a b

        /// The sum of products of two vectors, of which the first is conjugated.
        let vdot (a: Tensor) (b: Tensor) : Tensor =
            if a.Rank <> 1 || b.Rank <> 1 then
                raise (ShapeException $"1D tensors expected, but got {a.Rank}D and {b.Rank}D tensors")

            if a.Shape[0] <> b.Shape[0] then
                raise (
                    ShapeException
                        $"inconsistent tensor size, expected tensor [{a.Shape[0]}] and src [{b.Shape[0]}] to have the same number of elements, but got {a.Shape[0]} and {b.Shape[0]} elements respectively"
                )

            tensordot [ 0 ] [ 0 ] (Matrices.conjugate a) b

        /// All products of elements, block by block (Kronecker): the shapes, aligned at the end, multiply.
        let kron (a: Tensor) (b: Tensor) : Tensor =
            let rank = max a.Rank b.Rank
            let fill (t: Tensor) = Array.append (Array.create (rank - t.Rank) 1) t.Shape
            let x, y = fill a, fill b
            let left = a |> Engine.reshape (x |> Array.collect (fun s -> [| s; 1 |]))
            let right = b |> Engine.reshape (y |> Array.collect (fun s -> [| 1; s |]))
            mul left right |> Engine.reshape (Array.map2 (*) x y)

        /// The sum of a matrix's diagonal.
        let trace (t: Tensor) : Tensor =
            if t.Rank <> 2 then
                raise (ShapeException $"trace: expected a matrix, but got tensor with dim {t.Rank}")

            let n = min t.Shape[0] t.Shape[1]
            let square = Matrices.rows 0 n t |> Matrices.columns 0 n
            Matrices.trace (Engine.cast (Dtype.sum t.Dtype) square)

        /// Matrices along the diagonal of a larger one; vectors count as rows, numbers as 1 x 1.
        let blockDiag (blocks: Tensor list) : Tensor =
            match blocks with
            | [] -> Creation.full (Backend.current ()) Float32 [| 1; 0 |] (Integer 0L)
            | _ ->
                let dtype = blocks |> List.map _.Dtype |> List.reduce Dtype.promote

                let matrices =
                    blocks
                    |> List.mapi (fun i t ->
                        let t = Engine.cast dtype t

                        match t.Rank with
                        | 0 -> Engine.reshape [| 1; 1 |] t
                        | 1 -> Engine.reshape [| 1; t.Shape[0] |] t
                        | 2 -> t
                        | rank ->
                            raise (
                                ShapeException
                                    $"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {rank} dimensions"
                            ))

                let width = matrices |> List.sumBy Matrices.columnCount
                let starts = matrices |> List.scan (fun at t -> at + Matrices.columnCount t) 0

                List.zip (List.take matrices.Length starts) matrices
                |> List.map (fun (start, t) -> Matrices.within (Matrices.rowCount t) width 0 start t)
                |> Matrices.underEachOther

    [<RequireQualifiedAccess>]
    module Linalg =
        /// The vector at right angles to both, along a dimension of size 3.
        let cross dim (a: Tensor) (b: Tensor) : Tensor =
            if a.Rank <> b.Rank then
                raise (ShapeException "linalg.cross: inputs must have the same number of dimensions.")

            if a.Rank = 0 then
                raise (ShapeException "linalg.cross: inputs must have a dimension of length 3, but they have none")

            let shape = Shape.broadcast a.Shape b.Shape
            let axis = Shape.dimension a.Rank dim

            if a.Shape[axis] <> 3 || b.Shape[axis] <> 3 then
                raise (
                    ShapeException
                        $"linalg.cross: inputs dimension {dim} must have length 3. Got {a.Shape[axis]} and {b.Shape[axis]}"
                )

            let struct (a, b) = together a b

            /// Coordinates in the order 1 2 0 or 2 0 1.
            let turned by (t: Tensor) =
                let t = Engine.expand shape t
                Structure.concat axis [| Structure.narrow axis by (3 - by) t; Structure.narrow axis 0 by t |]

            Operands.binary Functions.sub (mul (turned 1 a) (turned 2 b)) (mul (turned 2 a) (turned 1 b))

        /// Sums of products along a dimension, the first conjugated.
        let vecdot dim (a: Tensor) (b: Tensor) : Tensor =
            MatrixChecks.floating "linalg.vecdot" a

            if a.Dtype <> b.Dtype then
                raise (
                    DtypeException
                        $"linalg.vecdot: Expected x and y to have the same dtype, but got {Dtype.scalarTypeName a.Dtype} and {Dtype.scalarTypeName b.Dtype}"
                )

            let shape = Shape.broadcast a.Shape b.Shape
            let axis = Shape.dimension shape.Length dim
            let product = mul (Matrices.conjugate a) b |> Engine.expand shape

            // Two numbers have no dimension to sum along: the product is the answer, as in PyTorch.
            if shape.Length = 0 then
                product
            else
                Reductions.sum [| axis |] product |> Engine.reshape (Array.removeAt axis shape)

        /// Powers 0, 1, ... count - 1 of each element along a new last dimension.
        let vander (count: int option) (x: Tensor) : Tensor =
            let x = Engine.cast (Dtype.sum x.Dtype) x
            let x = if x.Rank = 0 then Engine.reshape [| 1 |] x else x
            let n = defaultArg count x.Shape[x.Rank - 1]

            if n <= 1 then
                raise (ArgumentValueException "N must be greater than 1.")

            let wide = Engine.expand (Array.append x.Shape [| n - 1 |]) (Matrices.column x)
            let one = Operands.number x x.Dtype (Array.append x.Shape [| 1 |]) (Integer 1L)
            Structure.concat x.Rank [| one; Reductions.scan CumulativeProduct x.Rank false wide |]

        /// The product of matrices in the order that takes the fewest multiplications; the first and the last may be vectors.
        let multiDot (tensors: Tensor list) : Tensor =
            match tensors with
            | []
            | [ _ ] -> raise (ArgumentValueException $"multi_dot(): expected at least 2 tensors but got {tensors.Length}")
            | _ ->
                let count = tensors.Length

                tensors
                |> List.iteri (fun i t ->
                    let atEnd = i = 0 || i = count - 1

                    if t.Rank <> 2 && not (atEnd && t.Rank = 1) then
                        let place =
                            if i = 0 then "the first"
                            elif i = count - 1 then "the last"
                            else $"tensor {i}"

                        let ranks = if atEnd then "1D or 2D" else "2D"
                        raise (ShapeException $"multi_dot(): {place} tensor must be {ranks} but got {t.Rank}D")

                    if t.Dtype <> tensors.Head.Dtype then
                        raise (
                            DtypeException
                                $"multi_dot(): all tensors must have be the same dtype but got {Dtype.scalarTypeName tensors.Head.Dtype} and {Dtype.scalarTypeName t.Dtype}"
                        ))

                let first, final = tensors.Head, List.last tensors

                let matrices =
                    tensors
                    |> List.mapi (fun i t ->
                        if t.Rank = 2 then t
                        elif i = 0 then Engine.reshape [| 1; t.Shape[0] |] t
                        else Engine.reshape [| t.Shape[0]; 1 |] t)
                    |> Array.ofList

                for i in 1 .. count - 1 do
                    if matrices[i - 1].Shape[1] <> matrices[i].Shape[0] then
                        raise (
                            ShapeException
                                $"multi_dot(): tensors {i - 1} and {i} with shapes {Shape.format matrices[i - 1].Shape} and {Shape.format matrices[i].Shape} cannot be multiplied"
                        )

                // Costs of products of neighbours, longer and longer (Cormen et al., Introduction to Algorithms, 15.2).
                let sizes = Array.append [| matrices[0].Shape[0] |] (matrices |> Array.map (fun t -> t.Shape[1]))
                let cost, split = Array2D.zeroCreate<float> count count, Array2D.zeroCreate<int> count count

                for length in 2..count do
                    for i in 0 .. count - length do
                        let j = i + length - 1

                        let at, least =
                            [ for s in i .. j - 1 ->
                                  s, cost[i, s] + cost[s + 1, j] + float sizes[i] * float sizes[s + 1] * float sizes[j + 1] ]
                            |> List.minBy snd

                        cost[i, j] <- least
                        split[i, j] <- at

                let rec product i j =
                    if i = j then
                        matrices[i]
                    else
                        Contraction.matmul (product i split[i, j]) (product (split[i, j] + 1) j)

                let result = product 0 (count - 1)

                match first.Rank, final.Rank with
                | 1, 1 -> Engine.reshape [||] result
                | 1, _
                | _, 1 -> Engine.reshape [| -1 |] result
                | _ -> result
