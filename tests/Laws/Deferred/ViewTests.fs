/// What PyTorch gives as a view shares the tensor's memory here too: nothing is copied, however views are stacked.
module Functional.Laws.Deferred.ViewTests

open Expecto
open Functional
open Functional.Contract

let private buffer (t: Tensor) =
    match t with
    | Concrete value -> (Value.view value).Buffer
    | _ -> failtest "a tensor outside of all transforms has a value"

/// Views of a tensor of three dimensions [4, 6, 5]. Windows that overlap (unfold, as_strided) are gathered, as a transpose would add into them.
let private views: (string * (Tensor -> Tensor)) list =
    [ "reshape to two dimensions", Tensor.reshape [ 24; 5 ]
      "reshape with -1", Tensor.reshape [ 2; -1; 5 ]
      "flatten", Tensor.flattenDims 0 -1
      "permute", Tensor.permute [ 2; 0; 1 ]
      "transpose", Tensor.transpose 0 2
      "narrow", Tensor.narrow 1 2 3
      "select", Tensor.select 1 -1
      "slice with a step", Tensor.sliceDim 1 1 6 2
      "unsqueeze", Tensor.unsqueeze 1
      "squeeze", Tensor.unsqueeze 0 >> Tensor.squeeze
      "expand", Tensor.unsqueeze 0 >> Tensor.expand [ 7; 4; 6; 5 ]
      "diagonal", Tensor.diagonal 0 0 1
      "chunk", (fun t -> Tensor.chunk 1 3 t |> List.last)
      "split", (fun t -> Tensor.splitSizes 1 [ 2; 4 ] t |> List.last)
      "unbind", (fun t -> Tensor.unbind 0 t |> List.last)
      "movedim", Tensor.movedim [ 0 ] [ 2 ]
      "slices of slices", Tensor.transpose 0 1 >> Tensor.narrow 0 1 4 >> Tensor.select 2 3 >> Tensor.unsqueeze 0 ]

let private shared =
    [ for name, view in views do
          test $"{name} shares memory" {
              let t = Random.normal (Random.key 1) [ 4; 6; 5 ]
              Tensor.force [ t ]
              let seen = view t
              Tensor.force [ seen ]
              Expect.isTrue (obj.ReferenceEquals(buffer seen, buffer t)) "the same buffer"
          } ]

/// Any three of them after each other, where shapes allow it.
let private stacked =
    let steps: (Tensor -> Tensor) list =
        [ (fun t -> Tensor.transpose 0 -1 t)
          (fun t -> Tensor.unsqueeze 1 t)
          (fun t -> if t.Shape[0] > 1 then Tensor.narrow 0 1 (t.Shape[0] - 1) t else t)
          (fun t -> if t.Rank > 1 then Tensor.select 1 0 t else t)
          (fun t -> Tensor.sliceDim 0 0 t.Shape[0] 2 t)
          (fun t -> Tensor.expand (3 :: List.ofArray t.Shape) (Tensor.unsqueeze 0 t)) ]

    testProperty "views of views share memory" (fun (a: byte, b: byte, c: byte, d: byte) ->
        let places = [ a; b; c; d ] |> List.map (fun place -> int place % steps.Length)
        let t = Random.normal (Random.key 2) [ 4; 6; 5 ]
        Tensor.force [ t ]
        let seen = places |> List.fold (fun t place -> steps[place] t) t
        Tensor.force [ seen ]
        Expect.isTrue (obj.ReferenceEquals(buffer seen, buffer t)) "the same buffer")

let tests = testList "views" (stacked :: shared)
