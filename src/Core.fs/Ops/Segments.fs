namespace Functional

open Functional.Contract

/// Reductions of consecutive pieces of a dimension.
[<AutoOpen>]
module SegmentOperations =
    [<RequireQualifiedAccess>]
    module Tensor =
        /// The pieces that `lengths` [batch..., segments] cut from the dimension behind the batch dimensions, each reduced to one element.
        /// An initial number counts as one more element of each (in a mean it is not counted). Lengths must add up to the dimension's
        /// size, unless that is not checked: what is left over then belongs to no piece.
        let segmentReduce reduction (lengths: Tensor) (initial: float option) isUnchecked (t: Tensor) : Tensor =
            if not (Dtype.isFloating t.Dtype) then
                raise (DtypeException $"\"_segment_reduce_cpu\" not implemented for '{Dtype.scalarTypeName t.Dtype}'")

            if lengths.Dtype <> Int64 && lengths.Dtype <> Int32 then
                raise (
                    DtypeException
                        $"\"_segment_reduce_lengths_cpu_kernel1\" not implemented for '{Dtype.scalarTypeName lengths.Dtype}'"
                )

            let axis = lengths.Rank - 1

            if axis < 0 || axis >= t.Rank || not (Shape.equal (Array.take axis lengths.Shape) (Array.take axis t.Shape)) then
                raise (
                    ShapeException
                        $"segment_reduce(): Expected lengths to have the leading dimensions of data, but got lengths of shape {Shape.format lengths.Shape} and data of shape {Shape.format t.Shape}"
                )

            let count, size = lengths.Shape[axis], t.Shape[axis]

            if Shape.count t.Shape = 0 || Shape.count lengths.Shape = 0 then
                raise (
                    ShapeException
                        "Expected data.numel() > 0 to be true, but got false. (segment_reduce, nor may there be no lengths)"
                )

            let rows = Constants.readIntegers lengths |> Array.chunkBySize (max 1 count)

            if rows |> Array.exists (Array.exists (fun l -> l < 0L)) then
                raise (ArgumentValueException "lengths contains negative value!")

            if not isUnchecked && rows |> Array.exists (fun row -> Array.sum row <> int64 size) then
                raise (
                    ArgumentValueException
                        $"segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe. (data has {size} there)"
                )

            // The number of the piece that each element belongs to; one more piece takes what is left over.
            let owners (row: int64[]) =
                [| for k in 0 .. row.Length - 1 do
                       yield! Array.create (int row[k]) (int64 k)
                   yield! Array.create (max 0 (size - int (Array.sum row))) (int64 count) |]
                |> Array.truncate size

            let shape = Array.append (Array.take axis t.Shape) [| size |]
            let column (s: Tensor) = Engine.reshape (Array.append s.Shape (Array.create (t.Rank - axis - 1) 1)) s
            let places = Constants.integers t shape (rows |> Array.collect owners) |> column |> Engine.expand t.Shape

            let nothing =
                match reduction, initial with
                | _, Some number -> number
                | ReduceProduct, _ -> 1.0
                | ReduceMaximum, _ -> -infinity
                | ReduceMinimum, _ -> infinity
                | _ -> 0.0

            let start = Operands.number t t.Dtype (Array.updateAt axis (count + 1) t.Shape) (Real nothing)
            let whole = if reduction = ReduceMean then ReduceSum else reduction
            let reduced = IndexWrites.scatterReduce whole true axis places t start |> Structure.narrow axis 0 count

            match reduction, initial with
            | ReduceMean, None -> reduced / Engine.cast t.Dtype (column lengths)
            // Without elements the initial number stays.
            | ReduceMean, Some _ ->
                reduced / Tensor.maximum (Engine.cast t.Dtype (column lengths)) (Operands.number t t.Dtype [||] (Real 1.0))
            | _ -> reduced
