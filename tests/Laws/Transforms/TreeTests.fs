/// Functions of records, tuples, lists and the like: their gradients have the type of what they differentiate by.
module Functional.Laws.TreeTests

open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Elements

type Affine = { Weight: Tensor; Bias: Tensor }

type private Hidden = { Inner: Tensor; Name: string }

type Network =
    { First: Affine
      Rest: Affine list
      Scales: Tensor[]
      Table: Map<string, Tensor>
      Extra: Tensor option
      Missing: Tensor option
      Pair: Tensor * float
      Name: string
      Depth: int
      Activation: Tensor -> Tensor }

[<Struct>]
type Point = { X: Tensor; Y: Tensor }

let private real (x: float) = Tensor.fullOf Float64 [] (Real x)
let private vector (xs: float list) = Tensor.ofFloat64s [ xs.Length ] (Array.ofList xs)
let private gives what (expected: float list) (actual: Tensor) = expectNear 1e-12 what (read actual) (Array.ofList expected)

let private network =
    { First = { Weight = vector [ 1.0; 2.0 ]; Bias = real 0.5 }
      Rest = [ { Weight = real 3.0; Bias = real 4.0 }; { Weight = real 5.0; Bias = real 6.0 } ]
      Scales = [| real 2.0; real 7.0 |]
      Table = Map [ "b", real 10.0; "a", real 11.0 ]
      Extra = Some(real 12.0)
      Missing = None
      Pair = real 13.0, 0.25
      Name = "a network"
      Depth = 2
      Activation = Tensor.square }

/// A number that every tensor of a network moves, each in its own way.
let private cost (n: Network) =
    let parts =
        [ Tensor.sum (n.Activation n.First.Weight)
          n.First.Bias * 2.0
          (n.Rest |> List.map (fun l -> l.Weight * l.Bias) |> List.reduce (+))
          n.Scales[0] * n.Scales[1]
          n.Table["a"] * 3.0 + n.Table["b"] * 4.0
          n.Extra.Value * float n.Depth
          fst n.Pair * snd n.Pair ]

    List.reduce (+) parts

let private containers =
    testList
        "the gradient has the type of the parameters"
        [ test "a record of everything" {
              let g = grad cost network
              gives "a record in a record" [ 2.0; 4.0 ] g.First.Weight
              gives "a number" [ 2.0 ] g.First.Bias
              gives "a list" [ 4.0 ] g.Rest[0].Weight
              gives "a list, second" [ 5.0 ] g.Rest[1].Bias
              gives "an array" [ 7.0 ] g.Scales[0]
              gives "a map" [ 3.0 ] g.Table["a"]
              gives "a map, in the order of names" [ 4.0 ] g.Table["b"]
              gives "an option" [ 2.0 ] g.Extra.Value
              Expect.isNone g.Missing "none stays none"
              gives "a tuple" [ 0.25 ] (fst g.Pair)
              Expect.equal (snd g.Pair, g.Name, g.Depth) (0.25, "a network", 2) "what is no tensor passes"
              gives "functions pass" [ 9.0 ] (g.Activation(real 3.0))
          }

          test "the same by forward mode, and its Hessian along a direction" {
              let g = grad cost network
              let direction = Codec.map (fun t -> Tensor.onesLike t) network
              let _, slope = jvp cost network direction
              let total = Codec.leaves g |> Array.sumBy (read >> Array.sum)
              gives "forward" [ total ] slope
              let bent = hvp cost network direction
              gives "squares" [ 2.0; 2.0 ] bent.First.Weight
              gives "products" [ 1.0 ] bent.Scales[0]
              gives "linear" [ 0.0 ] bent.First.Bias
          }

          test "anonymous records, structs, tuples, nested lists" {
              let g =
                  grad
                      (fun (p: {| A: Tensor; B: Tensor list |}) -> p.A * p.B[0] * p.B[1])
                      {| A = real 2.0; B = [ real 3.0; real 5.0 ] |}

              gives "anonymous" [ 15.0 ] g.A
              gives "its list" [ 6.0 ] g.B[1]
              let s = grad (fun (p: struct (Tensor * Tensor)) -> (let struct (a, b) = p in a * b)) (struct (real 2.0, real 3.0))
              let struct (a, b) = s
              gives "struct tuple" [ 3.0; 2.0 ] (Tensor.stack 0 [ a; b ])
              let p = grad (fun (p: Point) -> p.X * p.Y * p.Y) { X = real 2.0; Y = real 3.0 }
              gives "struct record" [ 9.0; 12.0 ] (Tensor.stack 0 [ p.X; p.Y ])
              let nested = grad (fun (p: Tensor list list) -> p[0][0] * p[1][1]) [ [ real 2.0 ]; [ real 3.0; real 4.0 ] ]
              gives "lists of lists" [ 4.0; 0.0; 2.0 ] (Tensor.stack 0 (List.concat nested))
              let h = grad (fun p -> p.Inner * p.Inner) { Inner = real 3.0; Name = "hidden" }
              gives "private records" [ 6.0 ] h.Inner
              Expect.equal h.Name "hidden" "its name"
          }

          test "trees are their own parameters" {
              let tree = Branch [ "w", Leaf(real 2.0); "deep", Branch [ "b", Leaf(real 3.0) ] ]
              let g = grad (fun tree -> Tree.tensor "w" tree * Tree.tensor "b" (Tree.find "deep" tree)) tree
              Expect.equal (Tree.named g |> List.map fst) [ "w"; "deep.b" ] "names"
              gives "numbers" [ 3.0; 2.0 ] (Tensor.stack 0 (List.ofArray (Tree.leaves g)))
          }

          test "integer tensors among the parameters have zero for a gradient and are passed on" {
              let table, index = vector [ 1.0; 2.0; 3.0 ], Tensor.ofInts [ 2; 2 ]
              let g, none = grad (fun (t, i) -> Tensor.sum (Tensor.gather 0 i t)) (table, index)
              gives "table" [ 0.0; 0.0; 2.0 ] g
              Expect.equal none.Spec index.Spec "like the index"
              gives "zeros" [ 0.0; 0.0 ] none
          }

          test "several results" {
              let value, pull =
                  vjp (fun (p: Point) -> {| Sum = p.X + p.Y; Product = p.X * p.Y |}) { X = real 2.0; Y = real 3.0 }

              gives "the value" [ 6.0 ] value.Product
              let pulled = pull {| Sum = real 1.0; Product = real 10.0 |}
              gives "the pullback" [ 31.0; 21.0 ] (Tensor.stack 0 [ pulled.X; pulled.Y ])

              let _, pushed =
                  jvp (fun (p: Point) -> [ p.X + p.Y; p.X * p.Y ]) { X = real 2.0; Y = real 3.0 } { X = real 1.0; Y = real 0.0 }

              gives "the push" [ 1.0; 3.0 ] (Tensor.stack 0 pushed)
          } ]

let private codecs =
    testList
        "codecs"
        [ test "what is written is read back" {
              let codec = Codec.derive<Network>
              let tree = codec.Write network
              let names = Tree.named tree |> List.map fst

              Expect.equal
                  names
                  [ "First.Weight"
                    "First.Bias"
                    "Rest.0.Weight"
                    "Rest.0.Bias"
                    "Rest.1.Weight"
                    "Rest.1.Bias"
                    "Scales.0"
                    "Scales.1"
                    "Table.a"
                    "Table.b"
                    "Extra.Some"
                    "Pair.0" ]
                  "names"

              let back = codec.Read network (Tree.map (fun t -> t * 2.0) tree)
              gives "doubled" [ 2.0; 4.0 ] back.First.Weight
              gives "in its place" [ 26.0 ] (fst back.Pair)
              Expect.equal back.Name network.Name "the rest is kept"
              Expect.equal (network.Scales |> Array.map (fun t -> (read t)[0])) [| 2.0; 7.0 |] "the original array is as it was"
          }

          test "trees of another form are refused by name" {
              let codec = Codec.derive<Point>

              let refused tree words =
                  try
                      codec.Read { X = real 1.0; Y = real 2.0 } tree |> ignore
                      failtest "no error"
                  with :? FunctionalException as error ->
                      Expect.stringContains error.Message words "the message"

              refused (Branch [ "X", Leaf(real 1.0) ]) "Y"
              refused (Leaf(real 1.0)) "X"
              refused (Branch [ "X", Branch []; "Y", Leaf(real 1.0) ]) "expected a tensor"
              refused (Branch [ "Y", Leaf(real 1.0); "X", Leaf(real 1.0) ]) "X"
          }

          test "map2 names where trees differ" {
              let tree name = Branch [ "a", Branch [ name, Leaf(real 1.0) ] ]

              try
                  Tree.map2 (+) (tree "x") (tree "y") |> ignore
                  failtest "no error"
              with :? ArgumentValueException as error ->
                  Expect.stringContains error.Message "a.x" "the path"
          }

          test "empty structures" {
              Expect.isEmpty (Codec.leaves ([]: Tensor list)) "no leaves"
              Expect.isEmpty (Codec.leaves ()) "unit"
              Expect.equal (Codec.map id (Map.empty: Map<string, Tensor>)) Map.empty "an empty map"
              Expect.equal (Tree.named Tree.empty) [] "an empty tree"
          } ]

let tests = testList "Trees" [ containers; codecs ]
