namespace Functional.Golden

open System
open System.Collections
open System.Reflection
open System.Runtime.CompilerServices
open System.Runtime.ExceptionServices
open Functional.Torch

/// Calling operations of the facade by their PyTorch names.
module Calling =
    /// What came back, as a value.
    let rec back (result: obj | null) : Value =
        match result with
        | null -> Nothing
        | :? torch.Tensor as t -> Value.tensor t
        | :? bool as b -> Truth b
        | :? int64 as i -> Whole i
        | :? int as i -> Whole(int64 i)
        | :? float as x -> Number x
        | :? string as s -> Text s
        | :? torch.ScalarType as k -> Kind k
        | :? Scalar as s ->
            match s.Type with
            | torch.ScalarType.Bool -> Truth(s.ToBoolean())
            | torch.ScalarType.Int64 -> Whole(s.ToInt64())
            | torch.ScalarType.ComplexFloat32 -> Thing s
            | _ -> Number(s.ToDouble())
        | :? ITuple as t -> Sequence [ for i in 0 .. t.Length - 1 -> back t[i] ]
        | :? IDictionary as items -> Mapping [ for key in items.Keys -> back key, back items[Unchecked.nonNull key] ]
        | :? torch.nn.Module
        | :? torch.Storage -> Thing result
        // numpy's arrays, to be passed on.
        | :? Array as array when array.Rank > 1 -> Thing array
        | :? IEnumerable as items when not (result :? Delegate) -> Sequence [ for item in items -> back item ]
        | other -> Thing other

    let private unwrap (f: unit -> objnull) : objnull =
        try
            f ()
        with :? TargetInvocationException as wrapped ->
            match wrapped.InnerException with
            | null -> reraise ()
            | inner ->
                ExceptionDispatchInfo.Capture(inner).Throw()
                null

    let private invoke (m: MethodBase) (target: objnull) (arguments: objnull[]) : Value =
        let flags = BindingFlags.OptionalParamBinding ||| BindingFlags.InvokeMethod

        unwrap (fun () ->
            match m with
            | :? ConstructorInfo as c -> c.Invoke(flags, null, arguments, null)
            | m -> m.Invoke(target, flags, null, arguments, null))
        |> back

    let private shown positional keywords =
        String.concat ", " ((positional |> List.map Value.show) @ (keywords |> List.map (fun (n, v) -> n + "=" + Value.show v)))

    /// A call that no overload of an operation takes: in C# it would not compile.
    exception Unfitting of operation: string

    let private bound operation members target positional keywords =
        match Binding.choose back members positional keywords with
        | Some(m, arguments) -> invoke m target arguments
        | None -> raise (Unfitting $"no overload of {operation} takes ({shown positional keywords})")

    let rec private python operation (args: Value list) : Value option =
        match operation, args with
        | "builtins.list", [ Mapping items ] -> Some(Sequence(List.map fst items))
        | "builtins.list", [ Sequence _ as s ] -> Some s
        | "builtins.dict", [ Mapping _ as m ] -> Some m
        | "builtins.dict", [ Sequence pairs ] ->
            pairs
            |> List.map (function
                | Sequence [ k; v ] -> k, v
                | other -> raise (Mismatch $"{Value.show other} is no pair"))
            |> Mapping
            |> Some
        | "builtins.dict", [] -> Some(Mapping [])
        | "builtins.len", [ Sequence items ] -> Some(Whole(int64 items.Length))
        | "builtins.len", [ Mapping items ] -> Some(Whole(int64 items.Length))
        | "builtins.len", [ Thing x ] -> python "builtins.getattr" [ Thing x; Text "Count" ]
        | "builtins.dict.__getitem__", [ Mapping items; key ] -> items |> List.tryFind (fun (k, _) -> k = key) |> Option.map snd
        | "builtins.sorted", [ Sequence items ] ->
            items
            |> List.sortBy (function
                | Whole i -> string (i + 1000000000L)
                | Text s -> s
                | other -> Value.show other)
            |> Sequence
            |> Some
        | "builtins.sorted", [ Mapping items ] -> python operation [ Sequence(List.map fst items) ]
        | "builtins.getattr", [ Thing x; Text name ] ->
            match x.GetType().GetProperty name, x with
            // What a module has registered is an attribute in Python.
            | null, (:? torch.nn.Module as m) ->
                match m.get_parameter name, m.get_buffer name with
                | null, null -> None
                | null, b -> Some(back b)
                | p, _ -> Some(back p)
            | null, _ -> None
            | p, _ -> Some(back (p.GetValue x))
        | "builtins.tuple", [ Sequence _ as s ] -> Some s
        | "io.BytesIO", [] -> Some(Thing(new IO.MemoryStream()))
        | "io.BytesIO.seek", [ Thing(:? IO.MemoryStream as stream); Whole position ] ->
            stream.Position <- position
            Some Nothing
        | _ -> None

    /// PyTorch's functions with `return_indices` are two under one name, and so is the call of a module that has it.
    let private indices (operation: string) (positional: Value list) (keywords: (string * Value) list) =
        let both = operation + "_with_indices"

        let place () =
            match Naming.find both None with
            | Naming.Static members -> members[0].GetParameters() |> Array.tryFindIndex (fun p -> p.Name = "return_indices")
            | _ -> None

        match positional, keywords |> List.tryFind (fun (n, _) -> n = "return_indices") with
        | Thing(:? torch.nn.Module as m) :: _, _ when operation.EndsWith ".__call__" ->
            match m.GetType().GetProperty "return_indices" with
            | null -> operation, positional, keywords
            | p when p.GetValue m = box true -> "torch.nn.Module.forward_with_indices", positional, keywords
            | _ -> operation, positional, keywords
        | _ when not (operation.StartsWith "torch.nn.functional.") || operation.EndsWith "_with_indices" ->
            operation, positional, keywords
        | _, Some(_, wanted) ->
            (if wanted = Truth true then both else operation),
            positional,
            keywords |> List.filter (fun (n, _) -> n <> "return_indices")
        | _ ->
            match place () with
            | Some i when i < positional.Length ->
                match positional[i] with
                | Truth wanted -> (if wanted then both else operation), List.removeAt i positional, keywords
                | _ -> operation, positional, keywords
            | _ -> operation, positional, keywords

    /// What PyTorch's functions give besides only where they are asked for it is null here.
    let private asked (operation: string) result =
        match result with
        | Sequence parts when operation.EndsWith ".unique" || operation.EndsWith ".unique_consecutive" ->
            match parts |> List.filter (fun part -> part <> Nothing) with
            | [ one ] -> one
            | several -> Sequence several
        | other -> other

    /// The result of an operation. Raises Lacking where the facade lacks it.
    let call (operation: string) (positional: Value list) (keywords: (string * Value) list) : Value =
        if operation.StartsWith "builtins." || operation.StartsWith "io." then
            match python operation positional with
            | Some result -> result
            | None -> raise (Lacking $"{operation}({shown positional keywords})")
        else
            let operation, positional, keywords = indices operation positional keywords

            let part value =
                match Binding.index value with
                | Some i -> Thing(box i)
                | None -> value

            let positional, keywords =
                match operation, positional with
                // An index is one argument in Python and several here; what is assigned comes first.
                | "torch.Tensor.__getitem__", [ self; Sequence parts ] -> self :: List.map part parts, keywords
                | "torch.Tensor.__setitem__", [ self; Sequence parts; value ] -> self :: value :: List.map part parts, keywords
                | "torch.Tensor.__setitem__", [ self; one; value ] -> [ self; value; part one ], keywords
                | name, first :: _ when
                    name.StartsWith "torch.Tensor."
                    && (match first with
                        | Thing(:? torch.Tensor) -> false
                        | _ -> true)
                    ->
                    raise (Unfitting $"{Value.show first} is no tensor")
                | _ -> positional, keywords

            let first =
                match positional with
                | Thing x :: _ -> Some(x.GetType())
                | _ -> None

            match Naming.find operation first, positional with
            // Assigning gives nothing.
            | Naming.Method members, Thing self :: rest when operation.EndsWith ".__setitem__" ->
                bound operation members self rest keywords |> ignore
                Nothing
            | Naming.Static members, _ -> bound operation members null positional keywords |> asked operation
            | Naming.Swapped members, a :: b :: rest -> bound operation members null (b :: a :: rest) keywords
            | Naming.Method members, Thing self :: rest -> bound operation members self rest keywords |> asked operation
            | Naming.Property p, Thing self :: [] -> back (unwrap (fun () -> p.GetValue self))
            | Naming.Property p, Thing self :: [ value ] ->
                match Binding.convert false back p.PropertyType value with
                | Some(x, _) ->
                    back (
                        unwrap (fun () ->
                            p.SetValue(self, x)
                            null)
                    )
                | None -> raise (Unfitting $"{operation} cannot be set to {Value.show value}")
            | Naming.Absent, _ -> raise (Lacking operation)
            | _ -> raise (Unfitting $"{operation} cannot be called with ({shown positional keywords})")
