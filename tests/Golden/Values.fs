/// The values that golden cases speak of: those of Python that PyTorch's functions take and give.
namespace Functional.Golden

open System.Numerics
open System.Text.Json
open Functional.Torch

/// What makes a case something else than passed.
exception Lacking of operation: string
exception Mismatch of reason: string

[<CustomEquality; NoComparison>]
type Value =
    | Nothing
    | Truth of bool
    | Whole of int64
    | Number of float
    | Imaginary of Complex
    | Text of string
    | Sequence of Value list
    | Mapping of (Value * Value) list
    | Kind of torch.ScalarType
    | Slice of start: int64 option * stop: int64 option * step: int64 option
    | Dots
    /// A function that a case defines, to be passed on.
    | Function of parameters: int * results: int * (Value list -> Value)
    /// Tensors, modules, optimizers: what the facade gave.
    | Thing of objnull

    override this.Equals other =
        match other with
        | :? Value as that ->
            match this, that with
            | Nothing, Nothing
            | Dots, Dots -> true
            | Truth a, Truth b -> a = b
            | Whole a, Whole b -> a = b
            | Number a, Number b -> a.Equals b
            | Text a, Text b -> a = b
            | Kind a, Kind b -> a = b
            | Sequence a, Sequence b -> a = b
            | Mapping a, Mapping b -> a = b
            | Thing a, Thing b -> obj.ReferenceEquals(a, b)
            | _ -> false
        | _ -> false

    override _.GetHashCode() = 0

[<RequireQualifiedAccess>]
module Value =
    let tensor (t: torch.Tensor) = Thing(box t)

    /// dtypes by PyTorch's names.
    let kinds =
        dict
            [ "uint8", torch.ScalarType.Byte
              "int8", torch.ScalarType.Int8
              "int16", torch.ScalarType.Int16
              "int32", torch.ScalarType.Int32
              "int64", torch.ScalarType.Int64
              "float16", torch.ScalarType.Float16
              "bfloat16", torch.ScalarType.BFloat16
              "float32", torch.ScalarType.Float32
              "float64", torch.ScalarType.Float64
              "bool", torch.ScalarType.Bool
              "complex64", torch.ScalarType.ComplexFloat32
              "complex128", torch.ScalarType.ComplexFloat64 ]

    let rec containsTensor value =
        match value with
        | Thing(:? torch.Tensor)
        | Thing(:? torch.nn.utils.rnn.PackedSequence) -> true
        | Sequence items -> List.exists containsTensor items
        | Mapping items -> items |> List.exists (snd >> containsTensor)
        | _ -> false

    /// Sequences that hold tensors become one list, depth first; anything else is one element.
    let rec flatten value =
        match value with
        | Sequence items when containsTensor value -> List.collect flatten items
        | Mapping items when containsTensor value -> items |> List.collect (snd >> flatten)
        // A tuple in Python.
        | Thing(:? torch.nn.utils.rnn.PackedSequence as packed) ->
            [ for part in [ packed.data; packed.batch_sizes; packed.sorted_indices; packed.unsorted_indices ] ->
                  match part with
                  | null -> Nothing
                  | t -> tensor t ]
        | other -> [ other ]

    let rec show value =
        match value with
        | Nothing -> "None"
        | Truth b -> string b
        | Whole i -> string i
        | Number x -> x.ToString "R"
        | Imaginary c -> string c
        | Text s -> "\"" + s + "\""
        | Sequence items -> "[" + String.concat ", " (List.map show items) + "]"
        | Mapping items -> "{" + String.concat ", " (items |> List.map (fun (k, v) -> show k + ": " + show v)) + "}"
        | Kind k -> string k
        | Slice _ -> "slice"
        | Dots -> "..."
        | Function _ -> "function"
        | Thing(:? torch.Tensor as t) -> $"tensor{Seq.toList t.shape}"
        | Thing null -> "null"
        | Thing other -> (Unchecked.nonNull other).GetType().Name

    let private floating (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Number -> element.GetDouble()
        | _ ->
            match element.GetProperty("float").GetString() with
            | "nan" -> nan
            | "inf" -> infinity
            | _ -> -infinity

    /// The functions of the epoch that schedules are made of.
    let private lambda text : float -> float =
        match text with
        | "0.95**epoch" -> fun epoch -> 0.95 ** epoch
        | "0.5**(epoch//10)" -> fun epoch -> 0.5 ** floor (epoch / 10.0)
        | "1/(1+epoch)" -> fun epoch -> 1.0 / (1.0 + epoch)
        | "0.9" -> fun _ -> 0.9
        | other -> raise (Lacking $"the function '{other}'")

    let private number value =
        match value with
        | Whole i -> float i
        | Number x -> x
        | other -> raise (Mismatch $"{show other} is no number")

    /// Reads a value; what tensors, calls and variables are is for the case to say.
    let rec read (special: string -> JsonElement -> Value) (element: JsonElement) : Value =
        let again = read special

        match element.ValueKind with
        | JsonValueKind.Null -> Nothing
        | JsonValueKind.True -> Truth true
        | JsonValueKind.False -> Truth false
        | JsonValueKind.String -> Text(string (element.GetString()))
        | JsonValueKind.Number ->
            let text = element.GetRawText()

            if text |> Seq.exists (fun c -> c = '.' || c = 'e' || c = 'E') then
                Number(element.GetDouble())
            else
                Whole(element.GetInt64())
        | JsonValueKind.Array -> Sequence [ for item in element.EnumerateArray() -> again item ]
        | _ ->
            let first = element.EnumerateObject() |> Seq.head

            match first.Name with
            | "float" -> Number(floating element)
            | "complex" ->
                let parts = [ for part in first.Value.EnumerateArray() -> floating part ]
                Imaginary(Complex(parts[0], parts[1]))
            | "tuple" -> again first.Value
            | "dict" -> Mapping [ for pair in first.Value.EnumerateArray() -> again pair[0], again pair[1] ]
            | "dtype" ->
                match kinds.TryGetValue(string (first.Value.GetString())) with
                | true, kind -> Kind kind
                | _ -> raise (Lacking $"the dtype {first.Value.GetString()}")
            | "device" -> Thing(torch.device (string (first.Value.GetString())))
            | "layout"
            | "memory_format" -> Text(string (first.Value.GetString()))
            | "ellipsis" -> Dots
            | "slice" ->
                let bound i =
                    (let part = first.Value[i] in if part.ValueKind = JsonValueKind.Null then None else Some(part.GetInt64()))

                Slice(bound 0, bound 1, bound 2)
            | "lambda" ->
                let f = lambda (string (first.Value.GetString()))
                Function(1, 1, (fun args -> Number(f (number args.Head))))
            | _ -> special first.Name element

/// What a tensor holds, as numbers of .NET.
[<RequireQualifiedAccess>]
module Numbers =
    let doubles (t: torch.Tensor) = TensorElements.data<double>(t.detach().``to``(torch.ScalarType.Float64)).ToArray()

    let complexes (t: torch.Tensor) = TensorElements.data<Complex>(t.detach().``to``(torch.ScalarType.ComplexFloat64)).ToArray()
