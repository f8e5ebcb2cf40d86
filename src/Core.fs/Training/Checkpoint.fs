namespace Functional

open System
open System.Globalization
open Functional.Contract

/// A training run on disk: parameters, network state, optimizer state, random key and epoch in one safetensors file.
[<RequireQualifiedAccess>]
module Checkpoint =
    let private sections (snapshot: Snapshot) =
        Branch [ "parameters", snapshot.Parameters; "state", snapshot.State; "optimizer", snapshot.OptimizerState ]

    /// Writes a snapshot, atomically: a kill at any moment leaves the old file or the new one whole.
    let save (path: string) (snapshot: Snapshot) =
        let metadata =
            Map
                [ "format", "functional-snapshot"
                  "epoch", string snapshot.Epoch
                  "key", snapshot.Key.Bits.ToString("x16", CultureInfo.InvariantCulture) ]

        sections snapshot
        |> Tree.named
        |> List.map (fun (name, t) -> name, Tensor.toStored t)
        |> Safetensors.saveChecked path metadata

    let private refuse path what =
        raise (
            FileFormatException
                $"{what} (in '{path}'); expected a snapshot written by Checkpoint.save for this very network and optimizer"
        )

    /// Reads a snapshot into the form of another one, which has the same network and optimizer (`Trainer.start` makes one).
    /// Raises FileFormatException where a tensor is missing, left over, or of another dtype or shape.
    let load (path: string) (template: Snapshot) : Snapshot =
        let file = Safetensors.load path
        let stored = Map.ofSeq file.Tensors

        let metadata name =
            match file.Metadata |> Map.tryFind name with
            | Some text -> text
            | None -> refuse path $"the metadata has no '{name}'"

        let wanted = sections template |> Tree.named

        for name in stored.Keys do
            if not (wanted |> List.exists (fun (w, _) -> w = name)) then
                refuse path $"Unexpected key in state_dict: \"{name}\""

        let restore (name, like: Tensor) =
            match stored |> Map.tryFind name with
            | None -> refuse path $"Missing key in state_dict: \"{name}\""
            | Some found when found.Dtype <> like.Dtype || not (Shape.equal found.Shape like.Shape) ->
                refuse
                    path
                    $"size mismatch for {name}: copying a param with shape {Shape.format found.Shape} ({Dtype.name found.Dtype}) from checkpoint, the shape in current model is {Shape.format like.Shape} ({Dtype.name like.Dtype})"
            | Some found -> Creation.ofBytes like.Backend found.Dtype found.Shape found.Data.Span

        let whole = Tree.rebuild (sections template) (wanted |> List.map restore |> Array.ofList)

        let epochText, keyText = metadata "epoch", metadata "key"

        let epoch =
            match Int32.TryParse(epochText, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, n -> n
            | _ -> refuse path $"the epoch '{epochText}' is no number"

        let key =
            match UInt64.TryParse(keyText, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) with
            | true, bits -> { Bits = bits }
            | _ -> refuse path $"the key '{keyText}' is no hexadecimal number"

        { Parameters = Tree.find "parameters" whole
          State = Tree.find "state" whole
          OptimizerState = Tree.find "optimizer" whole
          Key = key
          Epoch = epoch }
