namespace Functional.Golden

open System
open System.Reflection
open Functional.Torch

/// From PyTorch's dotted names to members of the facade, by the conventions of the two languages.
module Naming =
    let private everything =
        BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.Instance ||| BindingFlags.FlattenHierarchy

    /// Python's special methods that C# has as operators; true where the arguments change places.
    let private operators =
        dict
            [ "__add__", ("op_Addition", false)
              "__radd__", ("op_Addition", true)
              "__sub__", ("op_Subtraction", false)
              "__rsub__", ("op_Subtraction", true)
              "__mul__", ("op_Multiply", false)
              "__rmul__", ("op_Multiply", true)
              "__truediv__", ("op_Division", false)
              "__rtruediv__", ("op_Division", true)
              "__rdiv__", ("op_Division", true)
              "__mod__", ("op_Modulus", false)
              "__rmod__", ("op_Modulus", true)
              "__and__", ("op_BitwiseAnd", false)
              "__rand__", ("op_BitwiseAnd", true)
              "__or__", ("op_BitwiseOr", false)
              "__ror__", ("op_BitwiseOr", true)
              "__xor__", ("op_ExclusiveOr", false)
              "__rxor__", ("op_ExclusiveOr", true)
              "__lshift__", ("op_LeftShift", false)
              "__rshift__", ("op_RightShift", false)
              "__neg__", ("op_UnaryNegation", false)
              "__pos__", ("op_UnaryPlus", false)
              "__invert__", ("op_OnesComplement", false)
              "__eq__", ("op_Equality", false)
              "__ne__", ("op_Inequality", false)
              "__lt__", ("op_LessThan", false)
              "__le__", ("op_LessThanOrEqual", false)
              "__gt__", ("op_GreaterThan", false)
              "__ge__", ("op_GreaterThanOrEqual", false) ]

    /// Special methods that are methods under another name here.
    let private methods =
        dict
            [ "__abs__", "abs"
              "__matmul__", "matmul"
              "__pow__", "pow"
              "__floordiv__", "floor_divide"
              "__iadd__", "add_"
              "__isub__", "sub_"
              "__imul__", "mul_"
              "__itruediv__", "div_"
              "__repr__", "ToString"
              "__getitem__", "index"
              "__setitem__", "index_put_"
              "__bool__", "ToBoolean"
              "__contains__", "Contains"
              "__len__", "get_Count"
              "__float__", "ToDouble"
              "__int__", "ToInt64"
              "__call__", "call" ]

    /// Special methods of the right operand: torch's function, with the arguments in the other order.
    let private reflected = dict [ "__rmatmul__", "matmul"; "__rfloordiv__", "floor_divide" ]

    type Target =
        /// Functions and constructors: all arguments in order.
        | Static of MethodBase[]
        /// Functions whose first two arguments change places.
        | Swapped of MethodBase[]
        /// Methods: the first argument is the object.
        | Method of MethodBase[]
        | Property of PropertyInfo
        | Absent

    let private named (name: string) (holder: Type) = holder.GetMembers everything |> Array.filter (fun m -> m.Name = name)

    let private statics name holder =
        named name holder
        |> Array.choose (function
            | :? MethodInfo as m when m.IsStatic -> Some(m :> MethodBase)
            | _ -> None)

    let private instances name (holder: Type) =
        let inherited =
            if holder.IsInterface then
                holder.GetInterfaces() |> Array.collect (named name)
            else
                [||]

        Array.append (named name holder) inherited
        |> Array.choose (function
            | :? MethodInfo as m when
                not m.IsStatic && m.GetParameters() |> Array.forall (fun p -> not p.ParameterType.IsByRefLike)
                ->
                Some(m :> MethodBase)
            | _ -> None)

    /// C#'s extension methods for an object, closed over its type.
    let private extensions name (holder: Type) =
        typeof<torch>.Assembly.GetExportedTypes()
        |> Array.filter (fun t ->
            t.IsAbstract && t.IsSealed && t.IsDefined(typeof<System.Runtime.CompilerServices.ExtensionAttribute>, false))
        |> Array.collect (statics name)
        |> Array.filter (fun m -> m.IsDefined(typeof<System.Runtime.CompilerServices.ExtensionAttribute>, false))
        |> Array.choose (function
            | :? MethodInfo as m when m.IsGenericMethodDefinition ->
                try
                    Some(m.MakeGenericMethod holder :> MethodBase)
                with :? ArgumentException ->
                    None
            | m -> Some m)
        |> Array.filter (fun m -> (m.GetParameters().[0]).ParameterType.IsAssignableFrom holder)

    let private property name (holder: Type) =
        match holder.GetProperty(name, everything) with
        | null -> None
        | found -> Some found

    /// A method or property of an object, under PyTorch's name.
    let ofObject (holder: Type) (name: string) =
        let name =
            match methods.TryGetValue name with
            | _ when name = "__getitem__" && not (typeof<torch.Tensor>.IsAssignableFrom holder) -> "get_Item"
            | true, other -> other
            | _ -> name

        match instances name holder, property name holder with
        | [||], Some p -> Property p
        | [||], None ->
            match extensions name holder with
            | [||] -> Absent
            | found -> Static found
        | found, _ -> Method found

    let private walk (parts: string list) : Type option =
        let assembly = typeof<torch>.Assembly

        let rec go (holder: Type) parts =
            match parts with
            | [] -> Some holder
            | name :: rest ->
                match holder.GetNestedType(name) with
                | null -> None
                | inner -> go inner rest

        match parts with
        | root :: rest ->
            match assembly.GetType("Functional.Torch." + root) with
            | null -> None
            | holder -> go holder rest
        | [] -> None

    let private constructors (holder: Type) name =
        [ typeof<torch>.Assembly.GetType("Functional.Torch.Modules." + name); holder.GetNestedType name ]
        |> List.tryPick (function
            | null -> None
            | found when found.IsAbstract || found.IsGenericTypeDefinition -> None
            | found -> Some(found.GetConstructors() |> Array.map (fun c -> c :> MethodBase)))
        |> Option.defaultValue [||]

    /// What an operation's dotted name stands for; `first` is the type of the first argument, if that is an object.
    let find (operation: string) (first: Type option) : Target =
        // In Python torch.torch is torch.
        let parts = operation.Replace("torch.torch.", "torch.").Split '.' |> List.ofArray
        let holder, name = List.take (parts.Length - 1) parts, List.last parts

        // No member of a class in C# has the class's name, unless it is inherited: torch.fft.fft is fft_, as in TorchSharp.
        let name =
            match walk holder with
            | Some t when List.tryLast holder = Some name && (statics name t).Length = 0 -> name + "_"
            | _ -> name

        let onFirst () =
            match first with
            | Some t -> ofObject t name
            | None -> Absent

        if holder = [ "torch"; "Tensor" ] then
            match operators.TryGetValue name, reflected.TryGetValue name with
            | (true, (symbol, swapped)), _ ->
                let found = statics symbol typeof<torch.Tensor>

                if found.Length = 0 then Absent
                elif swapped then Swapped found
                else Static found
            | _, (true, forward) -> Swapped(statics forward typeof<torch>)
            | _ -> ofObject typeof<torch.Tensor> name
        else
            match walk holder with
            | Some t ->
                match statics name t with
                | [||] ->
                    match constructors t name with
                    | [||] -> onFirst ()
                    | found -> Static found
                | found -> Static found
            | None -> onFirst ()
