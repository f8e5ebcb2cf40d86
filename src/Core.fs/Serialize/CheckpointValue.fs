namespace Functional

open System
open System.Collections.Generic
open System.Numerics
open Functional.Contract

/// What a checkpoint holds: Python's plain values, and tensors.
[<RequireQualifiedAccess; ReferenceEquality; NoComparison>]
type CheckpointValue =
    | Nothing
    | Truth of bool
    | Integer of BigInteger
    | Real of float
    | Text of string
    | Bytes of ReadOnlyMemory<byte>
    /// A list or a set.
    | List of CheckpointValue[]
    | Tuple of CheckpointValue[]
    /// A dict in its order; a key stands once.
    | Dict of (CheckpointValue * CheckpointValue)[]
    | Tensor of StoredTensor
    /// A tensor that shares its storage with others of different shape or place.
    | Window of StoredWindow
    /// A dtype as a value, such as torch.float32.
    | DtypeName of Dtype

/// Looking into checkpoints.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module CheckpointValue =
    /// More tensors than any network names. One dict that holds another twice, that one a third twice, and so on, would
    /// name any number in a few bytes.
    let private mostTensors = 1_000_000

    /// How a key reads in a name; none for keys that are neither text nor number.
    let private keyText key =
        match key with
        | CheckpointValue.Text text -> Some text
        | CheckpointValue.Integer number -> Some(number.ToString())
        | CheckpointValue.Truth value -> Some(if value then "True" else "False")
        | _ -> None

    /// The value under a text key of a dict.
    let tryItem (key: string) value =
        match value with
        | CheckpointValue.Dict pairs -> pairs |> Array.tryPick (fun (k, v) -> if keyText k = Some key then Some v else None)
        | _ -> None

    let private children value =
        match value with
        | CheckpointValue.Dict pairs ->
            pairs |> Seq.choose (fun (key, item) -> keyText key |> Option.map (fun text -> text, item))
        | CheckpointValue.List items
        | CheckpointValue.Tuple items -> items |> Seq.mapi (fun i item -> string i, item)
        | _ -> Seq.empty

    /// Every tensor with its path, such as `state_dict.conv1.weight` or `optimizer.state.0.square_avg`, in the order of the
    /// file. One tensor under two names is one object. Raises FileFormatException past a million places.
    let tensors value =
        let mutable visited = 0
        let windows = Dictionary<StoredWindow, StoredTensor>(HashIdentity.Reference)

        let elements window =
            match windows.TryGetValue window with
            | true, tensor -> tensor
            | _ ->
                windows[window] <- StoredWindow.elements window
                windows[window]

        let rec collect path value = seq {
            visited <- visited + 1

            if visited > mostTensors then
                raise (FileFormatException $"the checkpoint names more than {mostTensors} values by sharing a few: it is hostile")

            match value with
            | CheckpointValue.Tensor tensor -> path, tensor
            | CheckpointValue.Window window -> path, elements window
            | _ ->
                for key, item in children value do
                    yield! collect (if path = "" then key else $"{path}.{key}") item
        }

        collect "" value |> Seq.toArray
