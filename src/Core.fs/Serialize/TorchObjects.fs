namespace Functional.Serialize

open System
open System.Collections.Generic
open System.Numerics
open Functional
open Functional.Contract

/// The elements of one or several tensors, kept outside the pickle under a key.
[<Sealed>]
type internal TorchStorage(key: string, dtype: Dtype, count: int64) =
    let mutable first: TorchTensor voption = ValueNone
    let mutable windows = 0
    let mutable dtypes = 0

    member _.Key = key
    /// uint8 for a storage without a type of its own.
    member _.Dtype = dtype
    member _.Count = count
    /// Whether its tensors show different parts of it.
    member _.IsShared = windows > 1
    /// Whether its tensors read its bytes as different dtypes.
    member _.IsMixed = dtypes > 1

    /// Takes note of a tensor that lies here.
    member _.Add(tensor: TorchTensor) =
        match first with
        | ValueNone ->
            first <- ValueSome tensor
            windows <- 1
            dtypes <- 1
        | ValueSome known ->
            if known.Dtype <> tensor.Dtype then
                dtypes <- 2

            if known.Offset <> tensor.Offset || known.Shape <> tensor.Shape || known.Strides <> tensor.Strides then
                windows <- 2

/// A strided window on a storage. `Offset` and strides count elements of `Dtype`.
and [<NoComparison; NoEquality>] internal TorchTensor =
    { Storage: TorchStorage; Dtype: Dtype; Offset: int64; Shape: Shape; Strides: int64[] }

/// The few names of PyTorch that a checkpoint needs, and what they make. Everything else is refused by name.
[<RequireQualifiedAccess>]
module internal TorchObjects =
    let private storageNames =
        Map
            [ for dtype in Dtype.all do
                  $"torch.{Dtype.scalarTypeName dtype}Storage", dtype
              "torch.storage.UntypedStorage", UInt8 ]

    let private dtypeNames =
        Map
            [ for dtype in Dtype.all do
                  "torch." + Dtype.name dtype, dtype
              for alias, dtype in
                  [ "float", Float32
                    "double", Float64
                    "half", Float16
                    "short", Int16
                    "int", Int32
                    "long", Int64
                    "cfloat", Complex64
                    "cdouble", Complex128 ] do
                  "torch." + alias, dtype ]

    /// The dtype that a name stands for.
    let tryDtype name = dtypeNames.TryFind name

    let private refuse source what = Pickle.refuse source what

    let private integer source what (item: Pickled) =
        match item with
        | Pickled.Number value when value >= BigInteger.Zero && value <= BigInteger Int64.MaxValue -> int64 value
        | _ -> refuse source $"{what} is no whole number that a tensor can have"

    let private integers source what (item: Pickled) =
        match item with
        | Pickled.Tuple items -> items |> Array.map (integer source what)
        | Pickled.Sequence items -> items.ToArray() |> Array.map (integer source what)
        | _ -> refuse source $"{what} is no tuple"

    let private sizes source (item: Pickled) : Shape =
        let sizes = integers source "the size of a tensor" item

        if sizes |> Array.exists (fun size -> size > int64 Int32.MaxValue) then
            let listed = String.Join(", ", sizes)
            refuse source $"a tensor has the size [{listed}]"

        let shape = sizes |> Array.map int

        try
            Shape.count shape |> ignore
            shape
        with :? ShapeException as error ->
            refuse source error.Message

    /// The position behind the last element, 0 if there is none.
    let private extent source (tensor: TorchTensor) =
        if Array.contains 0 tensor.Shape then
            0L
        else
            try
                (tensor.Offset + 1L, tensor.Shape, tensor.Strides)
                |||> Array.fold2 (fun last size stride -> Checked.(+) last (Checked.(*) (int64 size - 1L) stride))
            with :? OverflowException ->
                refuse source $"a tensor of size {Shape.format tensor.Shape} has strides that overflow"

    let private rebuild source dtype (storage: Pickled) offset size stride =
        match storage with
        | Pickled.Made(:? TorchStorage as storage) ->
            let dtype = defaultArg dtype storage.Dtype

            let tensor =
                { Storage = storage
                  Dtype = dtype
                  Offset = integer source "the offset of a tensor" offset
                  Shape = sizes source size
                  Strides = integers source "the stride of a tensor" stride }

            if tensor.Shape.Length <> tensor.Strides.Length then
                refuse source $"a tensor of size {Shape.format tensor.Shape} has {tensor.Strides.Length} strides"

            let held = storage.Count * int64 (Dtype.size storage.Dtype) / int64 (Dtype.size dtype)
            let needed = extent source tensor

            if needed > held then
                refuse
                    source
                    $"a tensor of size {Shape.format tensor.Shape} reaches element {needed} of storage '{storage.Key}', which has {held}"

            storage.Add tensor
            Pickled.Made tensor
        | _ -> refuse source "a tensor is made from what is no storage"

    /// An OrderedDict that Python 2 wrote holds its pairs as an argument.
    let private orderedDict source (items: Pickled seq) =
        let pair (item: Pickled) =
            match item with
            | Pickled.Tuple [| key; value |] -> struct (key, value)
            | Pickled.Sequence items when items.Count = 2 -> struct (items[0], items[1])
            | _ -> refuse source "an OrderedDict is made from what are no pairs"

        Pickled.Table(ResizeArray(Seq.map pair items))

    let private plainHooks (hooks: Pickled) =
        match hooks with
        | Pickled.Table table -> table.Count = 0
        | Pickled.Nothing -> true
        | _ -> false

    /// Tensors that are to be conjugated or negated when they are read.
    let private hasFlags (rest: Pickled[]) =
        match rest with
        | [| Pickled.Table flags |] -> flags.Count > 0
        | _ -> false

    let private checkExtras source hooks rest =
        if not (plainHooks hooks) then
            refuse source "a tensor has backward hooks, which would have to be called"

        if hasFlags rest then
            refuse source "a tensor is stored lazily conjugated or negated"

    let rec private call source (name: string) (arguments: Pickled[]) : Pickled =
        match name, arguments with
        | "collections.OrderedDict", [||] -> Pickled.Table(ResizeArray())
        | "collections.OrderedDict", [| Pickled.Sequence items |] -> orderedDict source items
        | "torch._utils._rebuild_tensor", [| storage; offset; size; stride |] -> rebuild source None storage offset size stride
        | "torch._utils._rebuild_tensor_v2", _ when arguments.Length = 6 || arguments.Length = 7 ->
            checkExtras source arguments[5] arguments[6..]
            rebuild source None arguments[0] arguments[1] arguments[2] arguments[3]
        | "torch._utils._rebuild_tensor_v3", _ when arguments.Length = 7 || arguments.Length = 8 ->
            checkExtras source arguments[5] arguments[7..]

            match arguments[6] with
            | Pickled.Name name when (tryDtype name).IsSome ->
                rebuild source (tryDtype name) arguments[0] arguments[1] arguments[2] arguments[3]
            | _ -> refuse source "a tensor has a dtype that is none"
        | "torch._utils._rebuild_parameter", [| tensor; _; _ |]
        | "torch._utils._rebuild_parameter_with_state", [| tensor; _; _; _ |] -> tensor
        | "torch._tensor._rebuild_from_type_v2", [| Pickled.Name inner; Pickled.Name _; Pickled.Tuple arguments; _ |] when
            inner.StartsWith("torch._utils._rebuild_", StringComparison.Ordinal)
            ->
            call source inner arguments
        | "torch.Size", [| Pickled.Tuple _ as sizes |] -> sizes
        | "torch.device", _ when arguments.Length > 0 -> arguments[0]
        | _ -> refuse source $"'{name}' is called with {arguments.Length} arguments that do not fit it"

    let private callables =
        set
            [ "collections.OrderedDict"
              "torch._utils._rebuild_tensor"
              "torch._utils._rebuild_tensor_v2"
              "torch._utils._rebuild_tensor_v3"
              "torch._utils._rebuild_parameter"
              "torch._utils._rebuild_parameter_with_state"
              "torch._tensor._rebuild_from_type_v2"
              "torch.Size"
              "torch.device" ]

    let private types = set [ "torch.Tensor"; "torch.nn.parameter.Parameter" ]

    let private allows name =
        callables.Contains name || types.Contains name || storageNames.ContainsKey name || dtypeNames.ContainsKey name

    let private text source what (item: Pickled) =
        match item with
        | Pickled.Text text -> text
        | Pickled.Number number -> number.ToString()
        | _ -> refuse source $"{what} is no text"

    /// ('storage', type, key, location, count), and from before 1.6 a sixth: a view of the storage (key, offset, count) or None.
    let private persistent source (storages: Dictionary<string, TorchStorage>) (id: Pickled) =
        match id with
        | Pickled.Tuple items when items.Length = 5 || items.Length = 6 ->
            match items[0], items[1], items[5..] with
            | Pickled.Text "storage", Pickled.Name kind, ([||] | [| Pickled.Nothing |]) when storageNames.ContainsKey kind ->
                let key = text source "the key of a storage" items[2]
                let count = integer source "the length of a storage" items[4]

                if count > int64 Int32.MaxValue then
                    refuse source $"storage '{key}' claims {count} elements, more than a buffer can hold ({Int32.MaxValue})"

                let made = TorchStorage(key, storageNames[kind], count)

                match storages.TryGetValue key with
                | true, known when known.Dtype = made.Dtype && known.Count = made.Count -> Pickled.Made known
                | true, _ -> refuse source $"storage '{key}' is described in two ways"
                | _ ->
                    storages[key] <- made
                    Pickled.Made made
            | Pickled.Text "module", _, _ ->
                refuse source "the file holds a whole module with its source; save its state_dict instead"
            | _ -> refuse source "a storage is described in a way that PyTorch never wrote"
        | _ -> refuse source "the pickle refers to something outside that is no storage"

    /// What a checkpoint's pickle may do; the storages it names are collected by key.
    let host source storages =
        { Allows = allows
          Call = call source
          Persistent = persistent source storages
          Restore = fun _ _ -> Pickle.refuse source "the pickle sets the state of what is no dict" }
