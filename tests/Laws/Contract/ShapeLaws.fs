/// Shapes and dtypes against brute force and against PyTorch's own tables.
module Functional.Laws.Contract.ShapeLaws

open Expecto
open FsCheck.FSharp
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Cases

/// Where the elements of a strided shape lie, in row-major order.
let private offsets (shape: Shape) (strides: int[]) =
    let found = ResizeArray()
    Elements.iterate shape (fun _ index -> found.Add(Array.fold2 (fun at i s -> at + i * s) 0 index strides))
    List.ofSeq found

/// Strides that read the same offsets as another shape, found by looking one step along each dimension.
let private bruteForce (shape: Shape) strides (target: Shape) =
    let wanted = offsets shape strides
    let unit = Shape.rowMajor target
    let guess = target |> Array.mapi (fun d size -> if size > 1 then wanted[unit[d]] - wanted[0] else 0)

    if offsets target guess = wanted then Some guess else None

/// Other shapes with as many elements: factors of the count, ones strewn in.
let private factored (count: int) (seed: int) : Shape =
    let random = System.Random seed

    let rec split n =
        let divisors = [ 2..n ] |> List.filter (fun d -> n % d = 0)

        if n = 1 then
            []
        else
            (let d = divisors[random.Next divisors.Length] in d :: split (n / d))

    split count |> List.collect (fun d -> if random.Next 4 = 0 then [ 1; d ] else [ d ]) |> List.toArray

let private shapes = { wanted with Elements = 60; Choices = 1 }

let private reshape =
    law "tryReshapeStrides finds strides where, and only where, there are any" shapes (fun case ->
        let source = sample Bool case.Shape case.Looks[0]
        let target = factored (max 1 (Shape.count case.Shape)) (case.Choose(0, [ 1..1000 ]))
        let target = if Array.contains 0 case.Shape then Array.append [| 0 |] target else target

        match Shape.tryReshapeStrides case.Shape source.Strides target with
        | ValueSome strides ->
            Expect.equal (offsets target strides) (offsets case.Shape source.Strides) "the same elements in the same order"
        | ValueNone ->
            Expect.isNone (bruteForce case.Shape source.Strides target) $"strides exist for {target} of {source.Strides}")

let private contiguous =
    law "isContiguous says whether the elements lie one after another" shapes (fun case ->
        let source = sample Bool case.Shape case.Looks[0]
        let expected = offsets case.Shape source.Strides = List.init (Shape.count case.Shape) id
        Expect.equal (Shape.isContiguous case.Shape source.Strides) expected $"strides {source.Strides}")

/// Broadcasting by NumPy's words: aligned at the end, sizes equal or 1.
let private broadcastPlainly (a: int list) (b: int list) =
    let rec go a b =
        match a, b with
        | [], rest
        | rest, [] -> Some rest
        | x :: a, y :: b when x = y || y = 1 -> go a b |> Option.map (fun rest -> x :: rest)
        | 1 :: a, y :: b -> go a b |> Option.map (fun rest -> y :: rest)
        | _ -> None

    go (List.rev a) (List.rev b) |> Option.map List.rev

let private broadcast =
    let sizes = Gen.listOf (Gen.elements [ 0; 1; 1; 1; 2; 3 ]) |> Gen.resize 4

    forEach 400 "broadcast follows the rule, and says so where it cannot" (Gen.two sizes) (fun _ -> Seq.empty) (fun (a, b) ->
        let broadcast () = Shape.broadcast (List.toArray a) (List.toArray b)

        match broadcastPlainly a b with
        | None -> Expect.throwsT<ShapeException> (broadcast >> ignore) "shapes that do not fit"
        | Some expected ->
            Expect.equal (List.ofArray (broadcast ())) expected "the shape"
            let strides = Shape.expandStrides (List.toArray a) (Shape.rowMajor (List.toArray a)) (List.toArray expected)
            let lead = expected.Length - a.Length

            Elements.iterate (List.toArray expected) (fun _ index ->
                let own = a |> List.mapi (fun d size -> if size = 1 then 0 else index[d + lead])
                let at index strides = Array.fold2 (fun sum i s -> sum + i * s) 0 index strides

                Expect.equal
                    (at index strides)
                    (at (List.toArray own) (Shape.rowMajor (List.toArray a)))
                    "the element that is repeated"))

let private count =
    testList
        "count"
        [ test "a size of 0 makes any shape empty" { Expect.equal (Shape.count [| 5; 0; 1000000 |]) 0 "count" }
          test "a shape past 2^31 - 1 elements is refused" {
              Expect.throwsT<ShapeException> (fun () -> Shape.count [| 65536; 65536 |] |> ignore) "2^32"

              Expect.throwsT<ShapeException>
                  (fun () -> Shape.count [| System.Int32.MaxValue; System.Int32.MaxValue; 4 |] |> ignore)
                  "past 2^63"
          }
          test "an empty shape past every bound is still empty" {
              Expect.equal (Shape.count [| System.Int32.MaxValue; System.Int32.MaxValue; 0 |]) 0 "count"
          }
          test "dimensions count from either end" {
              Expect.equal (Shape.dimension 3 -1) 2 "last"
              Expect.equal (Shape.dimension 0 -1) 0 "of a 0-d tensor"
              Expect.throwsT<IndexException> (fun () -> Shape.dimension 3 3 |> ignore) "past the end"
              Expect.throwsT<IndexException> (fun () -> Shape.dimension 3 -4 |> ignore) "past the front"
          } ]

let private infer =
    let sizes = Gen.listOf (Gen.choose (0, 4)) |> Gen.resize 4

    forEach 200 "infer fills in the one unknown size" (Gen.zip sizes (Gen.choose (0, 3))) (fun _ -> Seq.empty) (fun (sizes, at) ->
        let shape = List.toArray sizes
        let elements = Shape.count shape

        if at < shape.Length then
            let asked = Array.updateAt at -1 shape
            let known = Array.removeAt at shape |> Shape.count

            if known = 0 then
                Expect.throwsT<ShapeException> (fun () -> Shape.infer elements asked |> ignore) "ambiguous"
            else
                Expect.equal (Shape.infer elements asked) shape "the size"

                Expect.throwsT<ShapeException>
                    (fun () -> Shape.infer (elements * 2 + 1) (Array.append asked [| 2 |]) |> ignore)
                    "does not divide")

let private promotion =
    // torch.promote_types of PyTorch 1.13, rows and columns in the order of Dtype.all.
    let table =
        """
        bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128
        uint8 uint8 int16 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128
        int8 int16 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128
        int16 int16 int16 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128
        int32 int32 int32 int32 int32 int64 float16 bfloat16 float32 float64 complex64 complex128
        int64 int64 int64 int64 int64 int64 float16 bfloat16 float32 float64 complex64 complex128
        float16 float16 float16 float16 float16 float16 float16 float32 float32 float64 complex64 complex128
        bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 float32 bfloat16 float32 float64 complex64 complex128
        float32 float32 float32 float32 float32 float32 float32 float32 float32 float64 complex64 complex128
        float64 float64 float64 float64 float64 float64 float64 float64 float64 float64 complex128 complex128
        complex64 complex64 complex64 complex64 complex64 complex64 complex64 complex64 complex64 complex128 complex64 complex128
        complex128 complex128 complex128 complex128 complex128 complex128 complex128 complex128 complex128 complex128 complex128 complex128
        """

    test "promote is PyTorch's table" {
        let names =
            table.Split('\n', System.StringSplitOptions.RemoveEmptyEntries ||| System.StringSplitOptions.TrimEntries)

        Expect.hasLength names Dtype.all.Length "rows"

        for a, row in Array.zip Dtype.all names do
            for b, expected in Array.zip Dtype.all (row.Split ' ') do
                Expect.equal (Dtype.name (Dtype.promote a b)) expected $"{Dtype.name a} with {Dtype.name b}"
    }

let tests = testList "Shape and dtype" [ reshape; contiguous; broadcast; count; infer; promotion ]
