/// The facade under nonsense: whatever the arguments, its functions, methods and modules answer or raise an error of ours.
module Functional.Laws.FacadeFuzzTests

open System
open System.Collections.Generic
open System.Reflection
open System.Runtime.ExceptionServices
open Expecto
open Functional.Contract
open Functional.Laws.Choices
open Functional.Torch

type private Tensor = torch.Tensor

/// Holders of static functions under torch and torchvision.
let private holders =
    [ "torch"
      "torch+special"
      "torch+linalg"
      "torch+fft"
      "torch+nn"
      "torch+nn+functional"
      "torch+nn+init"
      "torch+nn+utils"
      "torch+nn+utils+rnn"
      "torch+func"
      "torch+autograd"
      "torch+autograd+functional"
      "torchvision+ops"
      "torchvision+transforms"
      "torchvision+transforms+functional"
      "torchvision+utils" ]

/// What changes the process, reads or writes files, or gives a scope that stays open.
let private spared (m: MethodInfo) =
    let returns = m.ReturnType.Name

    m.Name.StartsWith "set_"
    || m.Name.StartsWith "save"
    || m.Name.StartsWith "load"
    // An order of 2^33 is as many steps, in PyTorch too.
    || m.Name.Contains "polynomial"
    || m.Name.Contains "manual_seed"
    || List.contains m.Name [ "seed"; "from_file"; "memmap"; "cuda"; "show"; "use_deterministic_algorithms"; "register_backend" ]
    || returns.Contains "Scope"
    || returns.Contains "Mode"
    || (typeof<IDisposable>.IsAssignableFrom m.ReturnType
        && m.ReturnType <> typeof<Tensor>
        && not (typeof<torch.nn.Module>.IsAssignableFrom m.ReturnType))

let private wholes = [ 1L; 0L; -1L; 2L; 3L; -2L; 5L; -7L; 9L; Int64.MaxValue; Int64.MinValue; 1L <<< 62 ]
let private reals = [ 0.5; 0.0; 1.0; -2.0; nan; infinity; 1e300 ]

let private dtypes =
    [ torch.ScalarType.Float32
      torch.ScalarType.Float64
      torch.ScalarType.Int64
      torch.ScalarType.Bool
      torch.ScalarType.Byte
      torch.ScalarType.Int32
      torch.ScalarType.BFloat16
      torch.ScalarType.ComplexFloat64
      torch.ScalarType.Float16
      torch.ScalarType.Int8 ]

/// A small tensor of any dtype and up to five dimensions, as it lies, transposed, expanded or cut from a larger one; its gradient may be wanted.
let private tensor (choices: Choices) : Tensor =
    let shape = Array.init (choices.Below 6) (fun _ -> choices.Pick [ 2L; 3L; 1L; 4L; 0L ])
    let dtype = choices.Pick dtypes
    let random = choices.Seeded()
    let count = shape |> Array.fold (*) 1L |> int

    let elements =
        Array.init count (fun _ ->
            if dtype = torch.ScalarType.Bool || dtype = torch.ScalarType.Byte then
                float (random.Next 3)
            else
                float (random.Next(-4, 7)))

    let whole = torch.tensor(elements).reshape(shape).``to``(dtype)

    let look =
        match choices.Below 6 with
        | 1 when shape.Length > 1 -> whole.transpose (0L, int64 shape.Length - 1L)
        | 2 when shape.Length > 0 && shape[0] = 1L -> whole.expand (Array.append [| 3L |] shape[1..] |> Array.map (fun s -> s))
        | 3 when shape.Length > 0 && shape[0] > 1L -> whole.narrow (0L, 1L, shape[0] - 1L)
        | _ -> whole

    if choices.Below 3 = 2 && (look.is_floating_point () || look.is_complex ()) then
        look.requires_grad_ true
    else
        look

let private isOpen (t: Type) = t.ContainsGenericParameters || t.IsByRef || t.IsPointer

let private conversions (t: Type) =
    [ for m in t.GetMethods(BindingFlags.Public ||| BindingFlags.Static) do
          if m.Name = "op_Implicit" && m.ReturnType = t then
              m ]

/// Whether `make` has something of a type.
let rec private isKnown (t: Type) : bool =
    if isOpen t then
        false
    elif t.IsEnum || t.IsArray && t.GetArrayRank() = 1 then
        not t.IsArray || isKnown (Unchecked.nonNull (t.GetElementType()))
    elif t.IsGenericType then
        let arguments = t.GetGenericArguments()
        let known () = Array.forall isKnown arguments

        match t.GetGenericTypeDefinition().Name with
        | "Nullable`1"
        | "IEnumerable`1"
        | "IList`1"
        | "IReadOnlyList`1"
        | "ValueTuple`2"
        | "ValueTuple`3" -> known ()
        | "Func`2" -> arguments = [| typeof<Tensor>; typeof<Tensor> |] || arguments = [| typeof<Tensor[]>; typeof<Tensor> |]
        | _ -> false
    else
        List.contains
            t
            [ typeof<Tensor>
              typeof<bool>
              typeof<int>
              typeof<int64>
              typeof<float>
              typeof<float32>
              typeof<string>
              typeof<byte>
              typeof<torch.Device>
              typeof<torch.Generator>
              typeof<torch.nn.Module<Tensor, Tensor>> ]
        || not (conversions t |> List.filter (fun m -> isKnown ((m.GetParameters()[0]).ParameterType)) |> List.isEmpty)

let private words =
    [ "mean"
      "sum"
      "none"
      "constant"
      "ij"
      "reduced"
      "reflect"
      "gelu"
      "linear"
      "nonsense"
      ""
      "same"
      "L"
      "fro"
      "ortho"
      "i,ij->j" ]

let private layer (choices: Choices) : torch.nn.Module<Tensor, Tensor> =
    match choices.Below 3 with
    | 0 -> torch.nn.ReLU()
    | 1 -> torch.nn.Linear(2L, 3L)
    | _ -> torch.nn.Flatten()

/// Something of a type, good or bad.
let rec private make (choices: Choices) (t: Type) : objnull =
    let several element =
        let items = Array.init (choices.Below 5) (fun _ -> make choices element)
        let result = Array.CreateInstance(element, items.Length)
        items |> Array.iteri (fun i item -> result.SetValue(item, i))
        box result

    if t = typeof<Tensor> then
        box (tensor choices)
    elif t = typeof<int64> then
        box (choices.Pick wholes)
    elif t = typeof<int> then
        box (choices.Pick [ 1; 0; -1; 2; 3; -2; 5; 9 ])
    elif t = typeof<byte> then
        box (choices.Pick [ 0uy; 1uy; 255uy ])
    elif t = typeof<float> then
        box (choices.Pick reals)
    elif t = typeof<float32> then
        box (float32 (choices.Pick reals))
    elif t = typeof<bool> then
        box (choices.Flip())
    elif t = typeof<string> then
        box (choices.Pick words)
    elif t = typeof<torch.Device> then
        box (torch.device "cpu")
    elif t = typeof<torch.Generator> then
        box (new torch.Generator(3UL))
    elif t = typeof<torch.nn.Module<Tensor, Tensor>> then
        box (layer choices)
    elif t = typeof<Func<Tensor, Tensor>> then
        box (Func<Tensor, Tensor>(fun x -> x * x))
    elif t = typeof<Func<Tensor[], Tensor>> then
        box (Func<Tensor[], Tensor>(fun xs -> xs |> Array.fold (fun product x -> product * x.sum ()) (torch.tensor 2.0)))
    elif t.IsEnum then
        let values = Enum.GetValues t
        values.GetValue(choices.Below values.Length)
    elif t.IsArray then
        several (Unchecked.nonNull (t.GetElementType()))
    elif t.IsGenericType then
        let arguments = t.GetGenericArguments()

        match t.GetGenericTypeDefinition().Name with
        | "Nullable`1" -> if choices.Flip() then make choices arguments[0] else null
        | "ValueTuple`2"
        | "ValueTuple`3" -> Activator.CreateInstance(t, arguments |> Array.map (make choices))
        | _ -> several arguments[0]
    else
        let known = conversions t |> List.filter (fun m -> isKnown ((m.GetParameters()[0]).ParameterType))
        let conversion = choices.Pick known

        try
            conversion.Invoke(null, [| make choices ((conversion.GetParameters()[0]).ParameterType) |])
        with :? TargetInvocationException as wrapped when (wrapped.InnerException :? FunctionalException) ->
            // A word that the type refuses, with an error of ours.
            Activator.CreateInstance t

let private argument (choices: Choices) (p: ParameterInfo) : objnull =
    // Defaults are what most calls have; without them hardly a call comes past the first check.
    if p.HasDefaultValue && choices.Below 3 > 0 then
        if isNull p.DefaultValue && p.ParameterType.IsValueType && isNull (Nullable.GetUnderlyingType p.ParameterType) then
            Activator.CreateInstance p.ParameterType
        elif p.ParameterType.IsEnum then
            Enum.ToObject(p.ParameterType, Unchecked.nonNull p.DefaultValue)
        else
            p.DefaultValue
    else
        make choices p.ParameterType

let private arguments choices (m: MethodBase) = m.GetParameters() |> Array.map (argument choices)

let private rethrow (run: unit -> objnull) : objnull =
    try
        run ()
    with :? TargetInvocationException as wrapped when not (isNull wrapped.InnerException) ->
        ExceptionDispatchInfo.Capture(Unchecked.nonNull wrapped.InnerException).Throw()
        null

/// Looks at everything in a result, goes back from what has a gradient, and calls what is a module.
let rec private look depth (choices: Choices) (result: objnull) : unit =
    match result with
    | null -> ()
    | :? Tensor as t ->
        t.bytes () |> ignore

        if t.numel () < 100L then
            t.ToString() |> ignore

        if t.requires_grad && t.is_floating_point () then
            t.sum().backward()
    | :? torch.nn.Module as m when depth > 0 ->
        let calls =
            m.GetType().GetMethods(BindingFlags.Public ||| BindingFlags.Instance)
            |> Array.filter (fun f ->
                (f.Name = "forward" || f.Name = "call")
                && f.GetParameters() |> Array.forall (fun p -> isKnown p.ParameterType || p.HasDefaultValue))

        if calls.Length > 0 then
            let call = choices.Pick(List.ofArray calls)

            let values =
                call.GetParameters()
                |> Array.map (fun p -> if isKnown p.ParameterType then argument choices p else p.DefaultValue)

            rethrow (fun () -> call.Invoke(m, values)) |> look (depth - 1) choices
    | :? string -> ()
    | :? System.Runtime.CompilerServices.ITuple as parts ->
        for i in 0 .. parts.Length - 1 do
            look depth choices parts[i]
    | :? Collections.IEnumerable as items ->
        for item in Seq.truncate 50 (Seq.cast<objnull> items) do
            look depth choices item
    | _ -> ()

let rec private show (x: objnull) : string =
    match x with
    | null -> "null"
    | :? Tensor as t -> sprintf "%O[%s]" t.dtype (String.Join(", ", t.shape))
    | :? string as text -> $"\"{text}\""
    | :? Collections.IEnumerable as items -> "{" + String.Join(", ", items |> Seq.cast<objnull> |> Seq.map show) + "}"
    | other -> string other

/// A call that prints.
[<StructuredFormatDisplay("{Shown}")>]
type private Call =
    {
        Self: objnull
        Method: MethodInfo
        Arguments: objnull[]
        /// As it was before the call, which may write into its arguments.
        Shown: string
        Rest: Choices
    }

let private call (method: MethodInfo) (choices: Choices) =
    let self: objnull = if method.IsStatic then null else box (tensor choices)
    let arguments = arguments choices method

    let text =
        (if isNull self then "" else show self + ".")
        + method.Name
        + "("
        + (arguments |> Array.map show |> String.concat ", ")
        + ")"

    { Self = self; Method = method; Arguments = arguments; Shown = text; Rest = choices }

let private survives (call: Call) =
    try
        rethrow (fun () -> call.Method.Invoke(call.Self, call.Arguments)) |> look 2 call.Rest
    with :? FunctionalException as error ->
        Expect.isGreaterThan error.Message.Length 15 "an error says something"

        if error.Message.Contains "FSharp" then
            failtest $"an unfinished message: {error.Message}"

let private functions () =
    let known (m: MethodInfo) =
        not m.IsGenericMethodDefinition
        && not (spared m)
        && m.GetParameters() |> Array.forall (fun p -> isKnown p.ParameterType)

    let declared = BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.Instance ||| BindingFlags.DeclaredOnly

    [ for holder in "torch+Tensor" :: holders do
          match typeof<torch>.Assembly.GetType("Functional.Torch." + holder) with
          | null -> failtest $"no {holder} in the facade"
          | t ->
              for m in t.GetMethods declared do
                  if known m && (m.IsStatic || holder = "torch+Tensor") && (not m.IsSpecialName || m.Name.StartsWith "op_") then
                      holder.Replace('+', '.'), m ]

/// One after the other: the default generator and what is recorded belong to the process.
let tests =
    testSequenced (
        testList
            "Facade"
            [ test "the public functions are found" { Expect.isGreaterThan (functions ()).Length 2000 "functions" }

              for name, group in functions () |> List.groupBy (fun (holder, m) -> $"{holder}.{m.Name}") do
                  forAll name 10 (fun choices -> call (choices.Pick(List.map snd group)) choices) survives ]
    )
