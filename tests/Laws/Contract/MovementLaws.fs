/// Moving elements: upload, download, copy, gather, scatter, sort, and the streams that need no input.
module Functional.Laws.Contract.MovementLaws

open System
open Expecto
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Cases
open Functional.Laws.Contract.Agreement

let private anyValues = { wanted with Dtypes = Dtype.all |> Array.toList; Values = [ Small; Wild ] }

let private transfer =
    law "download gives back what upload was given" { anyValues with Choices = 1 } (fun case ->
        let sample = sample case.Dtype case.Shape case.Looks[0]

        for backend in Reference.backend :: (current () |> List.map (fun s -> s.Backend)) do
            let view = upload backend sample
            Expect.equal (download backend view.Buffer) sample.Bytes $"{backend.Name}: all of it"
            let from = case.Choices[0] % (sample.Length + 1)
            let tail: byte[] = Array.zeroCreate ((sample.Length - from) * Dtype.size case.Dtype)
            backend.Download(view.Buffer, from, tail.AsSpan())
            Expect.equal tail sample.Bytes[sample.Bytes.Length - tail.Length ..] $"{backend.Name}: from element {from} on"
            let tooMuch: byte[] = Array.zeroCreate (sample.Bytes.Length + 1)

            Expect.throwsT<IndexException>
                (fun () -> backend.Download(view.Buffer, 0, tooMuch.AsSpan()))
                $"{backend.Name}: too much"

            Expect.throwsT<IndexException>
                (fun () -> backend.Upload(ReadOnlySpan tooMuch, view.Buffer))
                $"{backend.Name}: too much")

let private copy =
    law "copy moves elements between any two views" { anyValues with Looks = 2 } (fun case ->
        let source = sample case.Dtype case.Shape case.Looks[0]
        // Elements of the target that are one and the same would be written several times over.
        let layouts = case.Looks[1].Layouts |> List.map (fun l -> if l = Repeated then Stepped else l)
        let target = sample case.Dtype case.Shape { case.Looks[1] with Layouts = layouts }

        agree exact (fun backend ->
            let target = upload backend target
            backend.Copy(upload backend source, target)
            [ target.Buffer ]))

let private pad =
    law "pad" { anyValues with Looks = 1; Choices = 9; Elements = 200 } (fun case ->
        let source = sample case.Dtype case.Shape case.Looks[0]
        let number = sample case.Dtype [||] plain
        let room i = case.Choose(i, [ 0; 0; 1; 2; 5 ])
        let start = case.Shape |> Array.mapi (fun d _ -> room d)
        let shape = case.Shape |> Array.mapi (fun d size -> start[d] + size + room (4 + d))
        agree exact (fun backend -> [ backend.Pad(upload backend source, shape, start, upload backend number) ]))

/// The case's shape, at least one dimension, with `axis` resized.
let private resized (case: Case) axis size = case.Sizes |> List.mapi (fun d s -> if d = axis then size else s) |> List.toArray

let private anyAxis = { anyValues with Rank = 1, 4; Looks = 3; Choices = 3; Elements = 300 }

let private gather =
    law "gather" anyAxis (fun case ->
        let axis = case.Choose(0, [ 0 .. case.Sizes.Length - 1 ])
        let source = sample case.Dtype case.Shape case.Looks[0]
        let size = if case.Sizes[axis] = 0 then 0 else case.Choose(1, [ 0..9 ] @ [ 17; 40 ])
        let index = indices case.Sizes[axis] (resized case axis size) case.Looks[1]
        agree exact (fun backend -> [ backend.Gather(upload backend source, axis, upload backend index) ]))

/// Along the last dimension, at indices that all lines share.
let private gatherAlike =
    law "gather, the same places of every line" { anyAxis with Rank = 2, 4 } (fun case ->
        let axis = case.Sizes.Length - 1
        let source = sample case.Dtype case.Shape { plain with Values = Wild; Seed = case.Looks[0].Seed }
        let size = if case.Sizes[axis] = 0 then 0 else case.Choose(1, [ 0; 1; 3; 8; 9; 17; 40 ])
        let look = { case.Looks[1] with Layouts = List.replicate axis Repeated; Turn = 0 }
        let index = indices case.Sizes[axis] (resized case axis size) look
        agree exact (fun backend -> [ backend.Gather(upload backend source, axis, upload backend index) ]))

let private scatter mode =
    let summing dtype = if mode = ScatterAdd then summing 12 dtype else ulps 12.0 dtype
    let sums = mode = ScatterAdd || mode = ScatterProduct
    let dtypes = if sums then numericDtypes else realDtypes

    law
        $"{mode}"
        { anyAxis with
            Dtypes = dtypes
            Values = (if sums then [ Small; Tame; Spiced ] else [ Small; Spiced; Wild ]) }
        (fun case ->
            let axis = case.Choose(0, [ 0 .. case.Sizes.Length - 1 ])
            let target = sample case.Dtype case.Shape case.Looks[0]
            let size = if case.Sizes[axis] = 0 then 0 else case.Choose(1, [ 0..9 ])
            let index = indices case.Sizes[axis] (resized case axis size) case.Looks[1]
            let source = sample case.Dtype (resized case axis size) case.Looks[2]

            let run change (backend: IBackend) =
                [ backend.Scatter(
                      mode,
                      upload backend (change target),
                      axis,
                      upload backend index,
                      upload backend (change source)
                  ) ]

            if sums then
                agreeScaled summing (run magnitudes) (run id)
            else
                agree exact (run id))

let private outOfBounds =
    law
        "an index out of bounds is refused in PyTorch's words, and nothing outside is touched"
        { anyAxis with Choices = 2 }
        (fun case ->
            let axis = case.Choose(0, [ 0 .. case.Sizes.Length - 1 ])
            let size = case.Sizes[axis]
            let source = sample case.Dtype case.Shape case.Looks[0]
            let index = indices size case.Shape { case.Looks[1] with Layouts = [] }
            let wrong = case.Choose(1, [ int64 size; -1L; Int64.MaxValue; Int64.MinValue; int64 size + 4294967296L ])

            if Shape.count case.Shape > 0 then
                let bytes = Array.copy index.Bytes
                Element.write Int64 (bytes.AsSpan()) (index.Length - 1) (Integer wrong)
                let index = { index with Bytes = bytes }
                let words = $"index {wrong} is out of bounds for dimension {axis} with size {size}"
                let logits = sample Float32 (Array.append case.Shape [| size |]) { plain with Values = Tame }
                let asClass = $"index {wrong} is out of bounds for dimension {case.Shape.Length} with size {size}"

                for backend in Reference.backend :: (current () |> List.map (fun s -> s.Backend)) do
                    let source = upload backend source
                    let index = upload backend index
                    let logits = upload backend logits

                    for words, operation in
                        [ words, (fun () -> backend.Gather(source, axis, index))
                          words, (fun () -> backend.Scatter(ScatterSet, source, axis, index, source))
                          asClass, (fun () -> backend.CrossEntropyRows(logits, index))
                          asClass,
                          (fun () ->
                              let cotangent = { logits with Shape = index.Shape; Strides = index.Strides }
                              backend.CrossEntropyRowsPullback(logits, index, cotangent)) ] do
                        // A device tells when it is waited for.
                        let observed () =
                            operation () |> ignore
                            backend.Synchronize()

                        Expect.throwsC observed (fun error ->
                            Expect.isTrue (error :? IndexException) $"{backend.Name}: {error}"
                            Expect.stringStarts error.Message words backend.Name))

/// A few true ones, a few false ones, and stretches longer than what one thread looks at.
let private truePositions =
    law "the positions of what holds" { wanted with Dtypes = [ Bool ]; Choices = 3; Elements = 30000 } (fun case ->
        let often = case.Choose(0, [ 1; 1; 0; 40; 3 ])
        let random = Random case.Choices[1]
        let plainly = sample case.Dtype case.Shape case.Looks[0]

        let truths =
            match often with
            | 1 -> plainly
            | _ -> plainly |> map (fun _ -> Boolean(often > 0 && random.Next often = 0))

        agree exact (fun backend -> [ backend.TruePositions(upload backend truths) ]))

let private argSort =
    law
        "argsort is stable, and nan is the largest"
        { anyAxis with Dtypes = realDtypes; Values = [ Small; Spiced; Wild ]; Looks = 1 }
        (fun case ->
            let axis = case.Choose(0, [ 0 .. case.Sizes.Length - 1 ])
            let descending = case.Choose(1, [ true; false ])
            let source = sample case.Dtype case.Shape case.Looks[0]

            let count =
                case.Choose(2, [ case.Sizes[axis]; min 1 case.Sizes[axis]; case.Sizes[axis] / 9; case.Sizes[axis] / 2 ])

            agree exact (fun backend -> [ backend.ArgSort(upload backend source, axis, descending, count) ]))

let private streams = { wanted with Rank = 1, 1; Looks = 0; Choices = 3; Elements = 300 }

let private key (case: Case) = uint64 case.Choices[0] * 0x9E3779B97F4A7C15UL + uint64 case.Choices[1]

let private random =
    [ law "bits are Philox's words" { streams with Dtypes = [ Int32; Int64 ] } (fun case ->
          agree exact (fun backend -> [ backend.Random(RandomBits, key case, case.Dtype, case.Sizes[0]) ]))
      law "uniforms" { streams with Dtypes = floatingDtypes } (fun case ->
          agree exact (fun backend -> [ backend.Random(RandomUniform, key case, case.Dtype, case.Sizes[0]) ]))
      law "normals" { streams with Dtypes = floatingDtypes } (fun case ->
          let tolerance dtype : Tolerance = fun value _ -> 4.0 * ulp dtype value.AsFloat + 1e-14
          agree tolerance (fun backend -> [ backend.Random(RandomNormal, key case, case.Dtype, case.Sizes[0]) ]))
      // The known answers that accompany Random123.
      test "Philox gives the known answers" {
          let philox a b c d k l = RandomStream.philox struct (a, b, c, d) struct (k, l)
          Expect.equal (philox 0u 0u 0u 0u 0u 0u) (struct (0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)) "zeros"
          let ones = 0xffffffffu
          Expect.equal (philox ones ones ones ones ones ones) (struct (0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)) "ones"

          Expect.equal
              (philox 0x243f6a88u 0x85a308d3u 0x13198a2eu 0x03707344u 0xa4093822u 0x299f31d0u)
              (struct (0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u))
              "digits of pi"
      } ]

let private arange =
    law "arange" { streams with Dtypes = numericDtypes } (fun case ->
        let number i scale = if Dtype.isFloating case.Dtype then Real(float i / scale) else Integer(int64 i)
        let start = number (case.Choices[0] - 500) 7.0
        let step = number (case.Choices[1] % 11 - 5) 3.0
        agree (ulps 1.0) (fun backend -> [ backend.Arange(case.Dtype, case.Sizes[0], start, step) ]))

let private crowd name dtype operation = test name {
    let source = sample dtype [| 300; 900 |] { plain with Values = Tame }
    sameForAnyThreads (operation source)
}

/// What many threads share: these run by themselves.
let large =
    [ crowd "a large copy" Float32 (fun source backend ->
          let turned = { upload backend source with Shape = [| 900; 300 |]; Strides = [| 1; 900 |] }
          let target = backend.Allocate(Float32, 270000)
          backend.Copy(turned, View.contiguous [| 900; 300 |] target)
          [ target ])
      crowd "a large gather" Float32 (fun source backend ->
          [ backend.Gather(upload backend source, 0, upload backend (indices 300 [| 500; 900 |] plain)) ])
      crowd "a large gather of the same places" Float32 (fun source backend ->
          let places = indices 900 [| 300; 700 |] { plain with Layouts = [ Repeated ] }
          [ backend.Gather(upload backend source, 1, upload backend places) ])
      crowd "a large scatter" Float32 (fun source backend ->
          [ backend.Scatter(
                ScatterAdd,
                upload backend source,
                0,
                upload backend (indices 300 [| 500; 900 |] plain),
                upload backend (sample Float32 [| 500; 900 |] plain)
            ) ])
      crowd "a large sort" Float32 (fun source backend ->
          [ backend.ArgSort(upload backend source, 1, true, source.Shape[1])
            backend.ArgSort(upload backend source, 1, true, 7)
            backend.ArgSort(upload backend source, 0, false, source.Shape[0]) ])
      crowd "a long sort" Int32 (fun source backend ->
          [ backend.ArgSort({ upload backend source with Shape = [| 270000 |]; Strides = [| 1 |] }, 0, false, 270000) ])
      crowd "many truths" Bool (fun source backend ->
          [ backend.TruePositions { upload backend source with Shape = [| 270000 |]; Strides = [| 1 |] } ])
      crowd "many normals" Float32 (fun _ backend ->
          [ backend.Random(RandomNormal, 7UL, Float32, 300001); backend.Random(RandomUniform, 7UL, Float64, 300001) ]) ]

let tests =
    testList
        "Movement"
        [ transfer
          copy
          pad
          gather
          gatherAlike
          testList "scatter" ([ ScatterAdd; ScatterSet; ScatterMaximum; ScatterMinimum; ScatterProduct ] |> List.map scatter)
          outOfBounds
          truePositions
          argSort
          testList "random" random
          arange ]
