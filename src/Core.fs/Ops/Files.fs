namespace Functional

open System
open System.Collections.Generic
open Functional.Contract
open Functional.Serialize

/// Between tensors and files.
[<AutoOpen>]
module FileOperations =
    [<RequireQualifiedAccess>]
    module Tensor =
        /// A tensor on the current backend with the elements of a stored one.
        let ofStored (stored: StoredTensor) = Creation.ofBytes (Backend.current ()) stored.Dtype stored.Shape stored.Data.Span

        /// The elements as a file holds them. Computes what was put off.
        let toStored (t: Tensor) = StoredTensor.create t.Dtype t.Shape (ReadOnlyMemory(Creation.toBytes (Structure.detach t)))

/// Named tensors in files: parameters and buffers by their dotted paths, as PyTorch's state_dict has them.
[<RequireQualifiedAccess>]
module StateDict =
    /// One tensor under two names stays one tensor.
    let private toTensors (stored: (string * StoredTensor)[]) =
        let made = Dictionary<StoredTensor, Tensor>(HashIdentity.Reference)

        [ for name, item in stored do
              if not (made.ContainsKey item) then
                  made[item] <- Tensor.ofStored item

              name, made[item] ]

    /// The tensors of a file of PyTorch, safetensors, NumPy or TorchSharp, told apart by its content.
    /// Nested dicts give dotted names. Raises FileFormatException, or FileNotFoundException.
    let load (path: string) = StoredFile.mapped path (CheckpointValue.tensors >> toTensors)

    /// Writes a safetensors file, atomically.
    let save (path: string) (tensors: (string * Tensor) seq) =
        tensors |> Seq.map (fun (name, t) -> name, Tensor.toStored t) |> Seq.toList |> Safetensors.save path Map.empty

    /// Writes a file that torch.load reads, atomically.
    let saveTorch (path: string) (tensors: (string * Tensor) seq) =
        CheckpointValue.Dict [| for name, t in tensors -> CheckpointValue.Text name, CheckpointValue.Tensor(Tensor.toStored t) |]
        |> TorchWriter.save path

    let private quoted (names: string seq) = String.Join(", ", names |> Seq.map (fun name -> $"\"{name}\""))

    /// `template` with its leaves replaced by the tensors of their names. Raises ArgumentValueException in PyTorch's words for names
    /// that are missing or left over, and for tensors of another dtype or shape.
    let into (template: Tree) (tensors: (string * Tensor) seq) =
        let given = Map.ofSeq tensors
        let wanted = Tree.named template
        let names = wanted |> List.map fst |> set
        let missing = wanted |> List.map fst |> List.filter (fun name -> not (given.ContainsKey name))
        let unexpected = given.Keys |> Seq.filter (fun name -> not (names.Contains name)) |> Seq.toList

        let mismatches =
            [ for name, like in wanted do
                  match given.TryFind name with
                  | Some t when t.Dtype <> like.Dtype || not (Shape.equal t.Shape like.Shape) ->
                      $"size mismatch for {name}: copying a param with shape {Shape.format t.Shape} ({Dtype.name t.Dtype}) from checkpoint, the shape in current model is {Shape.format like.Shape} ({Dtype.name like.Dtype})."
                  | _ -> () ]

        let complaints =
            [ if not missing.IsEmpty then
                  $"Missing key(s) in state_dict: {quoted missing}."
              if not unexpected.IsEmpty then
                  $"Unexpected key(s) in state_dict: {quoted unexpected}."
              yield! mismatches ]

        if not complaints.IsEmpty then
            let listed = String.Join("\n\t", complaints)
            raise (ArgumentValueException $"Error(s) in loading state_dict:\n\t{listed}")

        Tree.rebuild template [| for name, _ in wanted -> given[name] |]

    /// The tensors whose names begin with a path, by the rest of their names: what lies in a file under `state_dict.module`, say.
    let under (path: string) (tensors: (string * Tensor) seq) =
        tensors
        |> Seq.filter (fun (name, _) -> name.StartsWith(path + ".", StringComparison.Ordinal))
        |> Seq.map (fun (name, t) -> name.Substring(path.Length + 1), t)
        |> List.ofSeq

    /// What `into` does for a network's parameters and state at once: PyTorch keeps both under one name each. Its counts of batches
    /// (num_batches_tracked) are passed over where the state has none: only norms that average over all batches need them.
    let intoNetwork (parameters: Tree, state: Tree) (tensors: (string * Tensor) seq) : Tree * Tree =
        let known = Tree.named state |> List.map fst |> Set.ofList

        let isCount (name: string) =
            (name = "num_batches_tracked" || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))
            && not (known.Contains name)

        // Branches without a name leave no trace in the paths.
        match tensors |> Seq.filter (fst >> isCount >> not) |> into (Branch [ "", parameters; "", state ]) with
        | Branch [ _, parameters; _, state ] -> parameters, state
        | _ -> parameters, state
