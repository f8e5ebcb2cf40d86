/// Every row of the handbook is in the facade under its present name, with its parameters, and something covers it: a file of
/// golden cases, or a test that names the row. Rows that are open stand on a page of the documentation, and nothing else does.
module Functional.Laws.Handbook.HandbookTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Functional.Laws
open Functional.Laws.Handbook.Table

/// The sections that have been worked through.
let private sections =
    [ "torch/tensor"
      "torch/creation"
      "torch/indexing"
      "torch/serialization"
      "torch/parallelism"
      "torch/math"
      "torch/comparison"
      "torch/other"
      "nn.functional"
      "autograd"
      "nn/parameter"
      "nn/Module"
      "nn/containers"
      "nn/conv"
      "nn/pooling"
      "nn/activation"
      "nn/normalization"
      "nn/recurrent"
      "nn/linear"
      "nn/dropout"
      "nn/sparse"
      "nn/distance"
      "nn/loss"
      "nn/vision"
      "nn/multi-gpu"
      "nn/utils"
      "optim"
      "nn.init"
      "utils.data"
      "cuda"
      "torchvision/models"
      "torchvision/datasets"
      "torchvision/transforms"
      "torchvision/utils" ]

/// Argument names of the handbook's time that say in words what the row's notes say, by their names today.
let private present =
    dict
        [ "tensor", [ "input"; "self"; "tensors" ]
          "value", [ "other"; "value"; "alpha" ]
          "sizes", [ "size" ]
          "inputs", [ "tensors" ]
          "dimension", [ "dim" ]
          "a", [ "input"; "A" ]
          "p", [ "p"; "ord" ]
          "mat1", [ "input"; "mat1" ]
          "mat2", [ "mat2"; "other" ]
          "mat", [ "input" ]
          "vec", [ "vec" ]
          "tensor1", [ "tensor1"; "input" ]
          "tensor2", [ "tensor2"; "other"; "tensor"; "vec2" ]
          "float", [ "other" ]
          "type", [ "t" ]
          "int", [ "threads" ]
          "eigenvectors", []
          "y", [ "data" ]
          "args", [ "modules" ]
          "size_average", [ "reduction" ]
          "reduce", [ "reduction" ]
          "range", [ "value_range" ]
          "values", [ "out" ]
          "indices", [ "out" ]
          "out", []
          // What goes to the class of a network: its options are arguments of their own.
          "kwargs", [ "num_classes" ] ]

let private beside name =
    let path = Path.GetFullPath(Path.Combine(Repository.root, "..", "shared", name))
    if File.Exists path || Directory.Exists path then Some path else None

/// Names that golden cases cover, with the file that does.
let private golden =
    lazy
        (match beside "golden" with
         | None -> Map.empty
         | Some folder ->
             use index = Path.Combine(folder, "index.json") |> File.ReadAllText |> JsonDocument.Parse

             [ for entry in index.RootElement.EnumerateArray() do
                   let op = string (entry.GetProperty("op").GetString())
                   op, op

                   match entry.TryGetProperty "also" with
                   | true, also ->
                       for name in also.EnumerateArray() do
                           let name = string (name.GetString())
                           (if name = "out" then op + ":out" else name), op
                   | _ -> () ]
             |> List.rev
             |> Map.ofList)

/// Row ids that tests name, with the file that does.
let private tested =
    lazy
        ([ for file in Directory.EnumerateFiles(Path.Combine(Repository.root, "tests"), "*.*", SearchOption.AllDirectories) do
               if (file.EndsWith ".cs" || file.EndsWith ".fs") && not (file.Contains "/obj/") then
                   for id in Regex.Matches(File.ReadAllText file, @"\bH\d{3}\b") -> id.Value, Path.GetFileName file ]
         |> Map.ofList)

let private covering (row: Row) =
    let apis, argument = target row

    tested.Value
    |> Map.tryFind row.Id
    |> Option.orElse (
        apis
        |> List.tryPick (fun api ->
            match argument with
            | Some "out" -> golden.Value |> Map.tryFind (api + ":out")
            | _ -> golden.Value |> Map.tryFind api)
        |> Option.map (fun op -> "golden " + op)
    )

let private missing (row: Row) : string list =
    let apis, argument = target row

    [ for api in apis do
          let found = Facade.signatures api
          let named = Set.ofList (List.concat found)

          let has name =
              named.Contains name
              || (match present.TryGetValue name with
                  | true, names -> names.IsEmpty || names |> List.exists named.Contains
                  | _ -> false)

          if found.IsEmpty then
              $"{api} is not in the facade"
          else
              match argument with
              | Some name when row.Kind <> "concept" && not (if name = "out" then named.Contains name else has name) ->
                  $"{api} has no argument '{name}'"
              | None when row.Kind = "function" ->
                  // `out` has rows of its own.
                  for name in parameters row do
                      if name <> "none" && not (has name) then
                          $"{api} has no parameter '{name}'"
              | _ -> () ]

/// Rows that state a convention rather than an API are checked where the convention is: all out and in-place forms are golden cases.
let private problems (row: Row) =
    let conventional = row.Canonical = "out" || row.Canonical.Contains '<'

    [ if not conventional then
          yield! missing row

          if (covering row).IsNone then
              "neither golden cases nor a test that names it cover it" ]

let private opened =
    lazy
        (File.ReadAllLines(Path.Combine(Repository.root, "docs", "handbook-open.md"))
         |> Seq.choose (fun line -> if line.StartsWith "- `H" then Some(line.Split('`')[1]) else None)
         |> Set.ofSeq)

let private check (row: Row) =
    let by = covering row |> Option.defaultValue "nothing"

    test $"{row.Id} {row.Canonical} ({by})" {
        match problems row, opened.Value.Contains row.Id with
        | [], true -> failtest "is named as open in docs/handbook-open.md, but nothing is missing: take it off the page"
        | _ :: _ as found, false -> failtest (String.Join("; ", found))
        | _ -> ()
    }

let tests =
    testList
        "Handbook"
        (match beside "handbook.csv" with
         | None -> []
         | Some path -> read path |> List.filter (fun row -> List.contains row.Section sections) |> List.map check)
