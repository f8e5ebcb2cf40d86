namespace Functional

open System.IO
open System.Numerics
open Functional.Contract
open Functional.Serialize

/// What TorchSharp remembers of an optimizer, under PyTorch's names.
[<NoComparison; ReferenceEquality>]
type TorchSharpOptimizer =
    {
        /// The class: SGD, Adam, RMSprop, ...
        Name: string
        /// The options of each group of parameters.
        Groups: Map<string, CheckpointValue>[]
        /// What stands beside each parameter, through all groups.
        States: Map<string, CheckpointValue>[]
    }

/// TorchSharp's files of optimizers. They hold values without their names, so the order in each class is written down here.
[<RequireQualifiedAccess>]
module TorchSharpOptimizers =
    type private Field =
        | Real of string
        | Truth of string
        /// One of a pair such as `betas`.
        | Part of string * int
        | Count of string
        | Elements of string
        /// A tensor behind a byte that says whether it is there.
        | Perhaps of string

    let private betas = [ Part("betas", 0); Part("betas", 1) ]
    let private moments = [ Count "step"; Elements "exp_avg"; Elements "exp_avg_sq" ]

    let private adam =
        betas @ [ Real "eps"; Real "weight_decay"; Truth "amsgrad"; Truth "maximize" ], moments @ [ Perhaps "max_exp_avg_sq" ]

    /// Options behind the learning rates, and what stands beside a parameter.
    let private layouts =
        Map
            [ "SGD",
              ([ Real "momentum"; Real "dampening"; Real "weight_decay"; Truth "nesterov"; Truth "maximize" ],
               [ Perhaps "momentum_buffer" ])
              "Adam", adam
              "AdamW", adam
              "NAdam",
              (betas @ [ Real "eps"; Real "weight_decay"; Real "momentum_decay" ],
               [ Count "step"; Real "mu_product"; Elements "exp_avg"; Elements "exp_avg_sq" ])
              "RAdam", (betas @ [ Real "eps"; Real "weight_decay" ], moments)
              "Adamax", (betas @ [ Real "eps"; Real "weight_decay" ], [ Count "step"; Elements "exp_avg"; Elements "exp_inf" ])
              "RMSprop",
              ([ Truth "maximize"; Real "momentum"; Real "alpha"; Real "eps"; Real "weight_decay"; Truth "centered" ],
               [ Count "step"; Elements "square_avg"; Perhaps "momentum_buffer"; Perhaps "grad_avg" ])
              "Adagrad",
              ([ Real "lr_decay"; Real "initial_accumulator_value"; Real "eps"; Real "weight_decay" ],
               [ Count "step"; Elements "sum" ])
              "Adadelta",
              ([ Real "rho"; Real "eps"; Real "weight_decay"; Truth "maximize" ],
               [ Count "step"; Elements "square_avg"; Elements "acc_delta" ])
              "ASGD",
              ([ Truth "maximize"; Real "lambd"; Real "alpha"; Real "weight_decay"; Real "t0" ],
               [ Count "step"; Real "eta"; Real "mu"; Elements "ax" ])
              "Rprop",
              ([ Truth "maximize"; Part("etas", 0); Part("etas", 1); Part("step_sizes", 0); Part("step_sizes", 1) ],
               [ Count "step"; Elements "prev"; Elements "step_size" ]) ]

    // TorchSharp spells one of them in its own way.
    let private toPyTorch name = if name = "RMSProp" then "RMSprop" else name
    let private ofPyTorch name = if name = "RMSprop" then "RMSProp" else name

    let private rates = [ Real "initial_lr"; Real "lr" ]

    let private readField (reader: ByteReader) (known: Map<string, CheckpointValue>) field =
        match field with
        | Real name -> known.Add(name, CheckpointValue.Real(TorchSharpParts.readReal reader name))
        | Truth name -> known.Add(name, CheckpointValue.Truth(TorchSharpParts.readTruth reader name))
        | Count name -> known.Add(name, CheckpointValue.Integer(BigInteger(TorchSharpParts.readLong reader name)))
        | Elements name -> known.Add(name, CheckpointValue.Tensor(TorchSharpParts.readTensor reader name))
        | Perhaps name when TorchSharpParts.readTruth reader name ->
            known.Add(name, CheckpointValue.Tensor(TorchSharpParts.readTensor reader name))
        | Perhaps name -> known.Add(name, CheckpointValue.Nothing)
        | Part(name, _) ->
            let earlier =
                match known.TryFind name with
                | Some(CheckpointValue.Tuple parts) -> parts
                | _ -> [||]

            known.Add(
                name,
                CheckpointValue.Tuple(Array.append earlier [| CheckpointValue.Real(TorchSharpParts.readReal reader name) |])
            )

    let internal read (source: ByteSource) =
        source
        |> TorchSharpParts.whole (fun reader ->
            let name = toPyTorch (TorchSharpParts.readText reader "the name of the optimizer")

            let options, state =
                match layouts.TryFind name with
                | Some layout -> layout
                | None -> TorchSharpParts.refuse source $"'{name}' is no optimizer whose state TorchSharp saves"

            let groups = TorchSharpParts.readNumber reader "the number of parameter groups"
            let states = TorchSharpParts.readNumber reader "the number of parameters"
            let fields layout = layout |> List.fold (readField reader) Map.empty
            let groups = [| for _ in 1..groups -> fields (rates @ options) |]
            { Name = name; Groups = groups; States = [| for _ in 1..states -> fields state |] })

    /// Reads what an optimizer of TorchSharp saved. Raises FileFormatException, or FileNotFoundException.
    let load path = ByteSource.withFile path read

    let private missing name = raise (ArgumentValueException $"save_state_dict: the optimizer's state has no '{name}'")

    let private number name value =
        match value with
        | CheckpointValue.Real value -> value
        | CheckpointValue.Integer value -> float value
        | CheckpointValue.Tensor one when Shape.count one.Shape = 1 && one.Dtype = Float32 ->
            float (StoredTensor.toArray<float32> one).[0]
        | CheckpointValue.Tensor one when Shape.count one.Shape = 1 && one.Dtype = Float64 ->
            (StoredTensor.toArray<float> one).[0]
        | _ -> missing name

    let private writeField (writer: BinaryWriter) (values: Map<string, CheckpointValue>) field =
        match field with
        | Real name -> writer.Write(number name (values.TryFind name |> Option.defaultWith (fun () -> missing name)))
        | Count name -> writer.Write(int64 (number name (values.TryFind name |> Option.defaultValue (CheckpointValue.Real 0.0))))
        | Truth name ->
            match values.TryFind name with
            | Some(CheckpointValue.Truth value) -> writer.Write value
            | _ -> writer.Write false
        | Part(name, place) ->
            match values.TryFind name with
            | Some(CheckpointValue.Tuple parts) -> writer.Write(number name parts[place])
            | _ -> missing name
        | Elements name ->
            match values.TryFind name with
            | Some(CheckpointValue.Tensor tensor) -> TorchSharpParts.writeTensor writer tensor
            | _ -> missing name
        | Perhaps name ->
            match values.TryFind name with
            | Some(CheckpointValue.Tensor tensor) ->
                writer.Write true
                TorchSharpParts.writeTensor writer tensor
            | _ -> writer.Write false

    /// Writes a file that the optimizer of this name in TorchSharp loads, atomically. Raises UnsupportedException for those whose
    /// state TorchSharp does not save, ArgumentValueException where a value is missing.
    let save path (optimizer: TorchSharpOptimizer) =
        match layouts.TryFind optimizer.Name with
        | None ->
            raise (
                UnsupportedException(
                    "save_state_dict",
                    "TorchSharp",
                    $"its format has no {optimizer.Name}; use torch.save with state_dict()"
                )
            )
        | Some(options, state) ->
            TorchSharpParts.save path (fun writer ->
                TorchSharpParts.writeText writer (ofPyTorch optimizer.Name)
                writer.Write7BitEncodedInt optimizer.Groups.Length
                writer.Write7BitEncodedInt optimizer.States.Length

                for group in optimizer.Groups do
                    let group =
                        if group.ContainsKey "initial_lr" then
                            group
                        else
                            group.Add("initial_lr", group.TryFind "lr" |> Option.defaultWith (fun () -> missing "lr"))

                    rates @ options |> List.iter (writeField writer group)

                for item in optimizer.States do
                    state |> List.iter (writeField writer item))
