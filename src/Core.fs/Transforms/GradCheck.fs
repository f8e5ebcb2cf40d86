namespace Functional

open Functional.Contract

/// Derivatives against finite differences: what a function claims against what it does.
[<RequireQualifiedAccess>]
module GradCheck =
    /// How far the numbers may be apart: |numerical - analytical| <= Absolute + Relative * |numerical|.
    [<NoComparison>]
    type Tolerance =
        { Step: float
          Absolute: float
          Relative: float }

        static member Default = { Step = 1e-6; Absolute = 1e-5; Relative = 1e-3 }

    let private numbers (t: Tensor) = Tensor.toFloat64s t

    let private requireDoubles (x: Tensor[]) =
        x
        |> Array.iteri (fun i t ->
            if Dtype.isDifferentiable t.Dtype && t.Dtype <> Float64 then
                raise (
                    DtypeException
                        $"gradcheck expects inputs of double precision, but input {i} is of dtype {Dtype.name t.Dtype}: finite differences of other dtypes show rounding, not derivatives"
                ))

    /// The derivatives of every result in one argument by central differences: for each result a table [result, argument].
    let private differences step (f: Tensor[] -> Tensor[]) (x: Tensor[]) i : float[,][] =
        let n = Shape.count x[i].Shape
        let unit = basis x[i] |> Engine.reshape [| n; n |]

        let at k amount =
            let direction =
                Structure.slice { Start = [| k; 0 |]; Step = [| 1; 1 |]; Shape = [| 1; n |] } unit
                |> Engine.reshape x[i].Shape

            f (x |> Array.mapi (fun j t -> if j = i then t + direction * amount else t)) |> Array.map numbers

        let columns = Array.init n (fun k -> at k step, at k -step)
        let sizes = f x |> Array.map (fun r -> Shape.count r.Shape)

        sizes
        |> Array.mapi (fun j size ->
            Array2D.init size n (fun row k -> (let up, down = columns[k] in (up[j][row] - down[j][row]) / (2.0 * step))))

    let private table (rows: int) (columns: int) (t: Tensor) =
        let flat = numbers t
        Array2D.init rows columns (fun r c -> flat[r * columns + c])

    /// None, or what is wrong: the first pair of result and argument whose derivatives differ, with both tables.
    let compare (tolerance: Tolerance) (f: Tensor[] -> Tensor[]) (x: Tensor[]) : string option =
        requireDoubles x
        let results, analytical = Jacobians.reverse f x

        Seq.allPairs (Seq.indexed x) (Seq.indexed results)
        |> Seq.filter (fun ((_, a), (_, r)) -> Dtype.isDifferentiable a.Dtype && Dtype.isDifferentiable r.Dtype)
        |> Seq.tryPick (fun ((i, a), (j, r)) ->
            let numerical = Array.item j (differences tolerance.Step f x i)
            let claimed = table (Shape.count r.Shape) (Shape.count a.Shape) (analytical[j][i])

            let agree =
                Seq.forall2
                    (fun (n: float) (c: float) -> abs (n - c) <= tolerance.Absolute + tolerance.Relative * abs n)
                    (Seq.cast<float> numerical)
                    (Seq.cast<float> claimed)

            if agree then
                None
            else
                Some
                    $"Jacobian mismatch for output {j} with respect to input {i},\nnumerical:%A{numerical}\nanalytical:%A{claimed}")

    /// The function that gradcheck looks at for second derivatives: of the arguments and the cotangents together.
    let private pulled count (f: Tensor[] -> Tensor[]) (all: Tensor[]) : Tensor[] =
        let x, cotangents = Array.take count all, Array.skip count all
        let results, pull = vjp f x
        let next = ref 0

        results
        |> Array.map (fun r ->
            if Dtype.isDifferentiable r.Dtype then
                next.Value <- next.Value + 1
                cotangents[next.Value - 1]
            else
                Operands.number r r.Dtype r.Shape (Integer 0L))
        |> pull
        |> Array.filter (fun g -> Dtype.isDifferentiable g.Dtype)

    /// The same for second derivatives, with cotangents of each differentiable result.
    let compareSecond (tolerance: Tolerance) (f: Tensor[] -> Tensor[]) (x: Tensor[]) (cotangents: Tensor[]) : string option =
        compare tolerance (pulled x.Length f) (Array.append x cotangents)

    /// Whether the derivatives of a function at x are those of its values.
    let check (f: 'A -> 'R) (x: 'A) : bool =
        let flat tensors = f (Codec.rebuild x tensors) |> Codec.leaves
        (compare Tolerance.Default flat (Codec.leaves x)).IsNone
