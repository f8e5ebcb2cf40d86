/// Laws of modules with state: what is saved comes back, and the core's layers are the facade's modules.
module Functional.Laws.ModuleLaws

open System
open System.Collections.Generic
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Functional
open Functional.Torch
open Functional.Laws.FileSamples
open Functional.Laws.Beside

let private numbers (t: torch.Tensor) =
    use stream = new MemoryStream()
    torch.save (t.detach (), stream)
    stream.ToArray()

/// Kinds of modules over [N, 4].
let private kinds: (unit -> Module) list =
    [ fun () -> torch.nn.Linear(4L, 4L)
      fun () -> torch.nn.Linear(4L, 4L, bias = false)
      fun () -> torch.nn.LayerNorm 4L
      fun () -> torch.nn.RMSNorm 4L
      fun () -> torch.nn.BatchNorm1d 4L
      fun () -> torch.nn.BatchNorm1d(4L, affine = false)
      fun () -> torch.nn.GroupNorm(2L, 4L)
      fun () -> torch.nn.PReLU 4L
      fun () -> torch.nn.Tanh()
      fun () -> torch.nn.utils.weight_norm (torch.nn.Linear(4L, 4L)) ]

let private network (places: int list) (seed: int) : Module =
    torch.manual_seed (int64 seed) |> ignore
    torch.nn.Sequential [| for place in places -> kinds[place]() |]

let private places = Gen.choose (0, kinds.Length - 1) |> Gen.listOf |> Gen.map (List.truncate 5) |> Arb.fromGen

let private isSame (a: Module) (b: Module) (x: torch.Tensor) =
    let mine, other = a.state_dict (), b.state_dict ()
    Expect.sequenceEqual (Seq.sort other.Keys) (Seq.sort mine.Keys) "names"

    for name in mine.Keys do
        Expect.equal (numbers other[name]) (numbers mine[name]) name

    a.eval () |> ignore
    b.eval () |> ignore
    Expect.equal (numbers (b.call x)) (numbers (a.call x)) "outputs"

let private roundTrips =
    [ testProperty "state_dict then load_state_dict is the identity, from one module to another"
      <| Prop.forAll places (fun places ->
          let a, b = network places 1, network places 2
          let x = facade (Random.normal (Random.key 9) [ 5; 4 ])
          // Running statistics move.
          a.call x |> ignore
          b.load_state_dict (a.state_dict ()) |> ignore
          isSame a b x)

      testProperty "and of a module to itself, and through every kind of file"
      <| Prop.forAll places (fun places ->
          let a = network places 3
          let x = facade (Random.normal (Random.key 9) [ 5; 4 ])
          a.call x |> ignore
          let before = a.state_dict () |> Seq.map (fun item -> item.Key, numbers item.Value) |> Seq.toList
          a.load_state_dict (a.state_dict ()) |> ignore
          Expect.equal (a.state_dict () |> Seq.map (fun item -> item.Key, numbers item.Value) |> Seq.toList) before "itself"

          withFolder (fun folder ->
              let path name = Path.Combine(folder, name)
              torch.save (a.state_dict (), path "zip")
              torch.save (a.state_dict (), path "legacy", _use_new_zipfile_serialization = false)
              safetensors.save_file (a.state_dict (), path "safetensors")
              numpy.savez (path "npz", a.state_dict () :> IEnumerable<KeyValuePair<string, torch.Tensor>>)
              SavingExtensions.save (a, path "dat") |> ignore

              for kind in [ "zip"; "legacy"; "safetensors"; "npz"; "dat" ] do
                  let b = network places 4
                  SavingExtensions.load (b, path kind) |> ignore
                  a.train () |> ignore
                  isSame a b x)) ]

// The default generator belongs to the process.
let tests =
    testSequenced (
        testList
            "Modules"
            (roundTrips
             @ LayerPairs.tests
             @ Beside.tests (LayerChecks.checks @ LossChecks.checks)
             @ Beside.tests NetworkChecks.checks)
    )
