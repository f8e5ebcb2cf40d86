/// What the facade has, under PyTorch's dotted names.
module Functional.Laws.Handbook.Facade

open System
open System.Reflection
open Functional.Torch

let private everything =
    BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.Instance ||| BindingFlags.FlattenHierarchy

let private walk (parts: string list) : Type option =
    parts
    |> List.fold
        (fun (found: Type option) name ->
            match found with
            | None -> Option.ofObj (typeof<torch>.Assembly.GetType("Functional.Torch." + name))
            | Some holder -> Option.ofObj (holder.GetNestedType name))
        None
    |> fun found -> if parts.IsEmpty then None else found

/// Classes whose names carry types, as in SingleTensorFunction of T, are found without them.
let private nested (holder: Type) (name: string) = holder.GetNestedTypes() |> Array.filter (fun t -> t.Name.Split('`')[0] = name)

let private modules (name: string) =
    typeof<torch>.Assembly.GetExportedTypes()
    |> Array.filter (fun t -> t.Namespace = "Functional.Torch.Modules" && t.Name.Split('`')[0] = name)

/// The parameter lists of everything that a name stands for; empty where there is nothing.
let signatures (api: string) : string list list =
    let parts = api.Split '.' |> List.ofArray
    let holder, name = List.take (parts.Length - 1) parts, List.last parts
    let names (m: MethodBase) = [ for p in m.GetParameters() -> string p.Name ]
    let whole (t: Type) = [] :: [ for c in t.GetConstructors() -> names c ]

    match walk holder with
    | None -> []
    | Some found ->
        [ for m in found.GetMember(name, everything) do
              match m with
              | :? MethodInfo as m -> if m.IsStatic then names m else "self" :: names m
              | :? PropertyInfo
              | :? FieldInfo -> []
              | _ -> ()

          for t in Array.append (nested found name) (if List.contains "nn" holder then modules name else [||]) do
              yield! whole t ]
